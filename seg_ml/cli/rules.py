"""`seg-ml rules`: try an analyst's rules before they are switched on."""

from __future__ import annotations

import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.errors import ConfigError
from seg_ml.mail.parse import parse
from seg_ml.signatures.engine import SignatureEngine
from seg_ml.signatures.own_rules import Rule, read_rules, rules_of
from seg_ml.signatures.settings import SignatureSettings

rules_app = typer.Typer(help="Rules of one's own, in YAML.", no_args_is_help=True)

Hits = set[tuple[str, str]]


@rules_app.command(epilog="Example: seg-ml rules test rules/finance.yaml")
def test(files: Annotated[list[Path], typer.Argument(help="Rule files.")]) -> None:
    """Validate rule files and run the tests that stand in them."""
    failures = 0
    for path in files:
        rules = _read(path)
        lonely = SignatureEngine.from_ids(["own-rule"], SignatureSettings(rule_files=(path,)))
        for rule in rules:
            failures += _run_tests(rule, lonely)
        typer.echo(f"{path}: {len(rules)} rules, {sum(len(rule.tests) for rule in rules)} tests")
    if failures:
        typer.echo(f"{failures} failed")
        raise typer.Exit(1)


def _run_tests(rule: Rule, engine: SignatureEngine) -> int:
    if not rule.tests:
        typer.echo(f"{rule.id}: no tests")
    failures = 0
    for case in rule.tests:
        raw = case.mail.encode("utf-8")
        findings = engine.inspect(ScoreRequest(raw), parse(raw))
        fired = any(finding.evidence.startswith(f"rule {rule.id}: ") for finding in findings)
        if fired != case.fires:
            failures += 1
            typer.echo(f"{rule.id}: {case.name}: expected fires={case.fires}, got {fired}")
    return failures


@rules_app.command(epilog="Example: seg-ml rules replay new.yaml --before old.yaml --over mail.tar.xz")
def replay(
    files: Annotated[list[Path], typer.Argument(help="Rule files.")],
    over: Annotated[list[Path], typer.Option(help="Folder or tar archive of `<label>/<name>.eml`; may be repeated.")],
    before: Annotated[Path | None, typer.Option(help="The rule file in use, to compare with.")] = None,
    limit: Annotated[int, typer.Option(help="Messages at most; 0 reads all.")] = 0,
) -> None:
    """Show what rules would hit in stored mail, and what changes against the rules in use."""
    for path in (*files, *([before] if before else [])):
        _read(path)
    new = SignatureEngine.from_ids(["own-rule"], SignatureSettings(rule_files=tuple(files)))
    old = SignatureEngine.from_ids(["own-rule"], SignatureSettings(rule_files=(before,) if before else ()))
    totals: Counter[str] = Counter()
    hits: Hits = set()
    old_hits: Hits = set()
    per_rule: dict[str, Counter[str]] = {}
    for label, name, raw in _messages(over, limit):
        totals[label] += 1
        for finding in _evidence(new, raw):
            hits.add((label, name))
            per_rule.setdefault(finding, Counter())[label] += 1
        if next(iter(_evidence(old, raw)), None):
            old_hits.add((label, name))
    _print_replay(totals, per_rule, hits, old_hits if before else None)


def _evidence(engine: SignatureEngine, raw: bytes) -> Iterator[str]:
    for finding in engine.inspect(ScoreRequest(raw), parse(raw)):
        yield finding.evidence.partition(":")[0]


def _print_replay(totals: Counter[str], per_rule: dict[str, Counter[str]], hits: Hits, old: Hits | None) -> None:
    labels = sorted(totals)
    table = Table("", *(f"{label} ({totals[label]})" for label in labels))
    for rule, counts in sorted(per_rule.items()):
        table.add_row(rule, *(str(counts[label]) for label in labels))
    if old is not None:
        for title, change in (("newly hit", hits - old), ("no longer hit", old - hits)):
            counted = Counter(label for label, _ in change)
            table.add_row(title, *(str(counted[label]) for label in labels))
    Console().print(table)


def _messages(paths: list[Path], limit: int) -> Iterator[tuple[str, str, bytes]]:
    """(label, name, raw); the label is the folder in which a message lies."""
    count = 0
    for path in paths:
        for name, raw in _archive(path) if path.is_file() else _folder(path):
            yield PurePosixPath(name).parent.name, name, raw
            count += 1
            if limit and count >= limit:
                return


def _folder(path: Path) -> Iterator[tuple[str, bytes]]:
    if not path.is_dir():
        raise typer.BadParameter(f"{path} is neither a folder nor an archive")
    for file in sorted(path.rglob("*.eml")):
        yield file.as_posix(), file.read_bytes()


def _archive(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with tarfile.open(path) as archive:
            for item in archive:
                stream = archive.extractfile(item) if item.isreg() and item.name.endswith(".eml") else None
                if stream is not None:
                    yield item.name, stream.read()
    except tarfile.TarError as error:
        raise typer.BadParameter(f"{path} is no tar archive: {error}") from error


def _read(path: Path) -> tuple[Rule, ...]:
    try:
        rules_of.cache_clear()
        return read_rules(path.read_text(encoding="utf-8"), str(path))
    except (ConfigError, OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(str(error)) from error
