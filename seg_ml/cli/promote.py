"""`seg-ml promote`: the gate, and the alias that moves when it opens."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from seg_ml.domain.errors import ConfigError, SegError
from seg_ml.evaluation.gate import bounds_from, gate
from seg_ml.registry.promote import Checked, PromotionResult, judge, promote, rollback
from seg_ml.registry.settings import CHALLENGER, MODEL_NAME

out, err = Console(), Console(stderr=True)
EXAMPLE = "Example: seg-ml promote --version 3 --dry-run"


def promote_command(
    model: Annotated[str, typer.Option("--model", help="Registered model.")] = MODEL_NAME,
    version: Annotated[
        str, typer.Option("--version", help="Version number, or an alias.", show_default=True)
    ] = CHALLENGER,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Ask the gate, and move nothing.")] = False,
    back: Annotated[bool, typer.Option("--rollback", help="Make the previous champion champion again.")] = False,
    params: Annotated[Path, typer.Option("--params", help="File whose `gate:` holds the bounds.")] = Path(
        "params.yaml"
    ),
) -> None:
    """Make a version champion if it passes the gate: recall, calibration, latency, the corpus probe, no slice worse.

    Every figure is printed with its bound. Exit code 1 where the gate refuses.
    """
    try:
        if back:
            _say_moved(rollback(model))
            return
        opened = partial(gate, bounds=bounds_from(read_section(params, "gate")))
        result = judge(opened, version, model)
        out.print(checks_table(result.checks, f"{result.name}/{result.version}"))
        if not dry_run:
            _say_moved(promote(opened, str(result.version), model))
    except SegError as error:
        err.print(f"[red]refused:[/red] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(1) from error
    if not result.passed:
        raise typer.Exit(1)


def read_section(path: Path, name: str) -> dict[str, Any]:
    """A mapping of a YAML file.

    Raises:
        ConfigError: there is no such file or mapping.
    """
    if not path.is_file():
        raise ConfigError(f"{path} does not exist: run in the folder that holds it, or name it with --params")
    section = (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get(name)
    if not isinstance(section, dict):
        raise ConfigError(f"{path}: no mapping {name!r}")
    return section


def checks_table(checks: Iterable[Checked], title: str) -> Table:
    """A row per check: question, figure, bound, answer."""
    table = Table("check", "figure", "bound", "passed", "detail", title=title)
    for check in checks:
        figure = "not measured" if check.figure is None else f"{check.figure:.4g}"
        answer = "[green]yes[/green]" if check.passed else "[red]no[/red]"
        table.add_row(check.name, figure, f"{check.bound:.4g}", answer, escape(check.detail))
    return table


def _say_moved(result: PromotionResult) -> None:
    before = "the first" if result.replaced is None else f"before: {result.name}/{result.replaced}"
    if result.replaced == result.version:
        before = "as it was"
    out.print(f"champion is {result.name}/{result.version} ({before})", highlight=False)
