"""`seg-ml scan`: what an analyst would want to see of a message file."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.errors import ConfigError
from seg_ml.domain.verdict import Severity
from seg_ml.signatures.engine import SignatureEngine, printable
from seg_ml.signatures.report import ScanReport, failed_report, scan_by_ids, to_ecs
from seg_ml.signatures.settings import SignatureSettings
from seg_ml.signatures.sidecar import organization_from, read_request
from seg_ml.signatures.worker import Worker, WorkerFailed, WorkersBusy

_COLOURS = {
    Severity.INFO: "green",
    Severity.LOW: "cyan",
    Severity.MEDIUM: "yellow",
    Severity.HIGH: "red",
    Severity.CRITICAL: "bold white on red",
}
_MAX_LINKS = 40
_MAX_INSIDE = 20
MEMORY = 1024 << 20
CPU_SECONDS = 30
DEADLINE = 60.0


def scan_command(
    files: Annotated[list[Path], typer.Argument(help="Message files (RFC 5322); `-` reads standard input.")],
    as_json: Annotated[bool, typer.Option("--json", help="One ECS event (`email.*`) a line.")] = False,
    organization: Annotated[
        Path | None, typer.Option(help="JSON or YAML file with the `name`, `domains` and `people` to protect.")
    ] = None,
    intel_store: Annotated[
        Path | None, typer.Option(envvar="SEG_INTEL_STORE", help="What `seg-ml intel update` wrote; known bad is told.")
    ] = None,
    signature: Annotated[list[str] | None, typer.Option(help="Run only this signature; may be repeated.")] = None,
    fail_on: Annotated[str | None, typer.Option(help="Exit with 1 on a finding of this severity or above.")] = None,
    resolve: Annotated[
        bool, typer.Option("--resolve", help="Ask, through --proxy, where links lead in the end.")
    ] = False,
    proxy: Annotated[
        str | None, typer.Option(envvar="SEG_RESOLVER_PROXY", help="Egress proxy, as http://host:3128.")
    ] = None,
) -> None:
    """Show the parts, findings, identity and links of messages. Nothing is executed, and nothing fetched unasked.

    The work is done in a process without network that may take 1 GiB of memory and 30 s. With --resolve, links are
    then asked for through the proxy, and only there: whoever sent the mail may learn that somebody followed them.
    What speaks against their ends is a finding `resolved-link`.

    Session facts (envelope, authentication results) are read from `mail.json` beside `mail.eml`, if it is there.
    """
    try:
        settings = replace(_settings(organization), intel_store=intel_store)
        ids = tuple(signature) if signature else None
        SignatureEngine.from_ids(ids, settings)  # an unknown id or an unusable list is the caller's error
        bound = Severity[fail_on.upper()] if fail_on else None
        reports = _scanned(files, ids, settings)
        if resolve:
            reports = _resolved(reports, proxy, settings)
    except (ConfigError, OSError) as error:
        raise typer.BadParameter(str(error)) from error
    except KeyError as error:
        known = ", ".join(severity.name.lower() for severity in Severity)
        raise typer.BadParameter(f"--fail-on must be one of {known}") from error
    _show(reports, as_json)
    if bound is not None and any(finding.severity >= bound for report in reports for finding in report.findings):
        raise typer.Exit(1)


def _scanned(files: list[Path], ids: tuple[str, ...] | None, settings: SignatureSettings) -> list[ScanReport]:
    """Each file in a worker without network, within bounds of memory and time; what breaks one breaks no other."""
    worker = Worker(MEMORY, CPU_SECONDS, lambda problem: None)
    reports = []
    try:
        for path in files:
            request = _request(path)
            try:
                report = worker.call(scan_by_ids, (str(path), request, ids, settings), DEADLINE)
            except (WorkerFailed, WorkersBusy) as failure:
                report = failed_report(str(path), request, str(failure))
            reports.append(report)
    finally:
        worker.kill()
    return reports


def _resolved(reports: list[ScanReport], proxy: str | None, settings: SignatureSettings) -> list[ScanReport]:
    if not proxy:
        raise ConfigError("--resolve needs --proxy (or SEG_RESOLVER_PROXY): links are never asked for directly")
    try:
        from seg_ml.signatures.resolved_links import resolved
    except ImportError as error:
        raise ConfigError(f"{error.name} is not installed; `pip install seg-ml[gateway]` has it") from error
    return resolved(reports, proxy, settings)


def _request(path: Path) -> ScoreRequest:
    return ScoreRequest(sys.stdin.buffer.read()) if str(path) == "-" else read_request(path)


def _settings(organization: Path | None) -> SignatureSettings:
    if organization is None:
        return SignatureSettings()
    import yaml

    try:
        data = yaml.safe_load(organization.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ConfigError(f"{organization}: {error}") from error
    if not isinstance(data, dict):
        raise ConfigError(f"{organization}: expected a mapping with `name`, `domains` and `people`")
    return SignatureSettings(organization=organization_from(data, str(organization)))


def _show(reports: list[ScanReport], as_json: bool) -> None:
    if as_json:
        for report in reports:
            typer.echo(json.dumps(to_ecs(report), ensure_ascii=False))
        return
    console = Console()
    for report in reports:
        console.print(render(report))


def render(report: ScanReport) -> RenderableType:
    """A report for the console. Everything that the sender wrote is escaped."""
    message = report.message
    head = Text(f"{report.name}: {printable(message.subject) or '(no subject)'}", style="bold")
    sections: list[RenderableType] = [head, _identity(report), _parts(report), _findings(report)]
    if report.links:
        sections.append(_links(report))
    return Group(*sections, Text(""))


def _identity(report: ScanReport) -> RenderableType:
    identity = report.identity
    brands = f", names {', '.join(identity.brands)}" if identity.brands else ""
    claimed = f"claimed  {printable(identity.author.display_name)} <{printable(identity.author.addr_spec)}>{brands}"
    words = {None: "not evaluated", True: "aligned with From", False: "not aligned with From"}
    proven = f"proven   {', '.join(map(printable, identity.proven)) or 'nothing'} ({words[identity.aligned]})"
    return Text(f"{claimed}\n{proven}")


def _parts(report: ScanReport) -> RenderableType:
    tree = Tree("parts")
    branches = {}
    for part in report.message.parts:
        name = f" {printable(part.filename)}" if part.filename else ""
        label = f"{part.path} {printable(part.content_type)}{name}, {len(part.content):,} bytes"
        branches[part.path] = tree.add(escape(label))
    read = Counter[str]()
    for file in report.inside:
        read[file.holder] += 1
        if file.holder in branches and read[file.holder] <= _MAX_INSIDE:
            name = printable(file.facts["name"] or file.facts["mime_type"])
            branches[file.path] = branches[file.holder].add(escape(f"{name}, {file.facts['size']:,} bytes"))
    for part, names in report.archives:
        for member in names[:_MAX_INSIDE] if part.path in branches and not read[part.path] else ():
            branches[part.path].add(escape(f"{printable(member)}, not read"))
    return tree


def _findings(report: ScanReport) -> RenderableType:
    if not report.findings:
        return Text("no findings", style="green")
    table = Table("severity", "signature", "evidence", box=None, pad_edge=False)
    for finding in report.findings:
        severity = Text(finding.severity.name.lower(), style=_COLOURS[finding.severity])
        table.add_row(severity, finding.signature, escape(finding.evidence))
    return table


def _links(report: ScanReport) -> RenderableType:
    asked = any(link.resolved or link.remark for link in report.links)
    table = Table("shown", "leads to", "through", *(["in the end", ""] if asked else []), box=None, pad_edge=False)
    for link in report.links[:_MAX_LINKS]:
        target = printable(link.leads_to or link.target)
        shown = "" if link.text == link.target else printable(link.text[:60])
        end = (escape(printable(link.resolved)), escape(printable(link.remark))) if asked else ()
        table.add_row(escape(shown), escape(target), escape(", ".join(link.hops)), *end)
    return table
