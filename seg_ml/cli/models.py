"""`seg-ml models`: what the registry holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.table import Column, Table

from seg_ml.domain.errors import SegError
from seg_ml.registry.settings import MODEL_NAME
from seg_ml.registry.versions import VersionInfo, card_of, figures_of, version_info, versions

models_app = typer.Typer(no_args_is_help=True, help="The registry: versions, their figures, and what set them apart.")

HEADLINES = {
    "@ 0.5 %": "recall_at_0_5_percent.figure",
    "@ 0.1 %": "recall_at_0_1_percent.figure",
    "ECE": "ece.figure",
    "p95 ms": "latency_ms.p95",
}
CAPTION = "@ recall at that rate of false positives; + trained with uncommitted changes"
DETAILS = (".low", ".high", ".threshold_of_validation.")
Model = Annotated[str, typer.Option("--model", help="Registered model.")]
Every = Annotated[bool, typer.Option("--all", help="Also ends of intervals, and what is the same in both.")]
Version = Annotated[str, typer.Argument(help="Version number, or an alias.")]
out, err = Console(), Console(stderr=True)


@contextmanager
def _errors_in_words() -> Iterator[None]:
    try:
        yield
    except SegError as error:
        err.print(f"[red]error:[/red] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(1) from error


@models_app.command("list", epilog="Example: seg-ml models list")
def list_versions(model: Model = MODEL_NAME) -> None:
    """List versions, the newest first: aliases, figures, commit and hash of the data."""
    names = ("v", "aliases", *HEADLINES, "commit", "data", "UTC")
    columns = [Column(name, no_wrap=True) for name in names]
    # Without lines it fits a terminal of 80 columns.
    table = Table(*columns, box=None, padding=(0, 2, 0, 0), caption=CAPTION, caption_justify="left")
    with _errors_in_words():
        found = versions(model)
    for info in found:
        table.add_row(*_row(info))
    out.print(table)
    if not found:
        err.print(f"nothing is registered as {model}: dvc repro")


@models_app.command(epilog="Example: seg-ml models show champion")
def show(version: Version, model: Model = MODEL_NAME) -> None:
    """Show one version: its origin, its figures with intervals, and its model card."""
    with _errors_in_words():
        info = version_info(version, model)
        figures, card = figures_of(info), card_of(info)
    aliases = f" ({', '.join(info.aliases)})" if info.aliases else ""
    out.print(f"[bold]{info.name}/{info.version}[/bold]{aliases}, run {info.run_id}", highlight=False)
    for name, value in sorted(info.tags.items()):
        out.print(f"  {name}: {value}", highlight=False, soft_wrap=True)
    out.print(_figures_table(figures))
    if card:
        out.print(Markdown(card))


@models_app.command(epilog="Example: seg-ml models diff champion challenger")
def diff(left: Version, right: Version, model: Model = MODEL_NAME, every: Every = False) -> None:
    """Show how two versions differ: parameters, figures and origin."""
    with _errors_in_words():
        one, two = version_info(left, model), version_info(right, model)
    table = Table("what", f"{one.name}/{one.version}", f"{two.name}/{two.version}", "change")
    for section in ("tags", "params", "metrics"):
        _add_differences(table, getattr(one, section), getattr(two, section), every)
    out.print(table)


def _row(info: VersionInfo) -> list[str]:
    figures = [_number(info.metrics.get(name)) for name in HEADLINES.values()]
    dirty = "+" if info.tags.get("git_dirty") == "true" else ""
    commit, data = info.tags.get("git_commit", "")[:7] + dirty, info.tags.get("data_sha256", "")[:7]
    when = datetime.fromtimestamp(info.created / 1000, UTC).strftime("%Y-%m-%d")
    return [str(info.version), "\n".join(info.aliases), *figures, commit, data, when]


def _figures_table(figures: Mapping[str, Any]) -> Table:
    table = Table("figure", "value", "95 % from", "to")
    for name, value in figures.items():
        if isinstance(value, Mapping) and "figure" in value:
            table.add_row(_worded(name), *(_number(value.get(key)) for key in ("figure", "low", "high")))
    return table


def _worded(name: str) -> str:
    """`recall_at_0_5_percent` → `recall at 0.5 %`."""
    return re.sub(r"(\d)_(\d)", r"\1.\2", name).replace("_percent", " %").replace("_", " ")


def _add_differences(table: Table, left: Mapping[str, Any], right: Mapping[str, Any], every: bool) -> None:
    for name in sorted({*left, *right}):
        one, two = left.get(name), right.get(name)
        if every or (one != two and not any(detail in name for detail in DETAILS)):
            table.add_row(name, _number(one), _number(two), _change(one, two))
    table.add_section()


def _change(left: object, right: object) -> str:
    return f"{right - left:+.4g}" if isinstance(left, float) and isinstance(right, float) else ""


def _number(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else escape(str(value))
