"""`seg-ml thresholds`: from prices and promises to rows for `policy.yaml`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from seg_ml.domain.errors import ConfigError, SegError

if TYPE_CHECKING:
    import pandas as pd

    from seg_ml.evaluation.bands import Prices
    from seg_ml.evaluation.conformal import Band

err = Console(stderr=True)


def thresholds_command(
    alarm: Annotated[float, typer.Option(min=0.0, help="Price of a wanted message held, in misses.")] = 20.0,
    look: Annotated[float, typer.Option(min=0.0, help="Price of somebody looking at a message, in misses.")] = 0.1,
    share: Annotated[
        float | None,
        typer.Option(
            min=0.0, max=1.0, help="Share of unwanted mail at your door.", show_default="that of the evaluation"
        ),
    ] = None,
    promised: Annotated[
        float | None,
        typer.Option(
            "--promise", min=0.0, max=1.0, help="Hold at most this share of wanted mail.", show_default="no promise"
        ),
    ] = None,
    within: Annotated[
        str, typer.Option(help="Keep the promise in each part by itself: genre, language, corpus, kind.")
    ] = "",
    model: Annotated[str, typer.Option(help="Model in the table of scores.")] = "fused",
    scores: Annotated[Path, typer.Option(help="Scores that the stage `evaluate` wrote.")] = Path(
        "data/evaluation/scores.parquet"
    ),
) -> None:
    """Print rows for `policy.yaml`: what to hold, what to hold for a look as `undecided`, what to deliver.

    Ends of the undecided band are those at which mistakes and looking cost least on validation mail, scored by models
    that did not learn from it; what they do to the test mail goes to standard error, the rows to standard output.
    """
    from seg_ml.evaluation.bands import Prices, policy_fragment, suggested
    from seg_ml.evaluation.scores import of_model, read_scores

    try:
        table = read_scores(scores)
        if within and within not in table:
            raise ConfigError(f"{scores}: no column {within!r} to keep the promise within")
        chosen, judged = of_model(table, model, "validation"), of_model(table, model, "test")
    except SegError as error:
        err.print(f"[red]error:[/red] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(1) from error
    prices = Prices(alarm, look, share)
    band = suggested(chosen, prices, promised, within)
    err.print(_effect(band, judged, prices))
    sys.stdout.write(f"# {_origin(chosen, prices, promised, within)}\n{policy_fragment(band)}")


def _origin(rows: pd.DataFrame, prices: Prices, promised: float | None, within: str) -> str:
    from seg_ml.evaluation.scores import unwanted

    bad = int(unwanted(rows).sum())
    share = "as in these" if prices.share is None else f"{prices.share:.0%}"
    promise = "" if promised is None else f"; of wanted mail at most {promised:.2%} held"
    promise += f", in each {within}" if promise and within else ""
    return (
        f"Chosen on {len(rows) - bad:,} wanted and {bad:,} unwanted messages. A miss costs 1, "
        f"an alarm {prices.alarm:g}, a look {prices.look:g}; unwanted mail {share}{promise}. "
        "Make them anew for another model version."
    )


def _effect(band: Band, judged: pd.DataFrame, prices: Prices) -> Table:
    from seg_ml.evaluation.bands import band_cost
    from seg_ml.evaluation.conformal import band_figures

    table = Table("on mail that chose nothing", "", title=f"undecided from {band.low:.4f} to {band.high:.4f}")
    for name, value in band_figures(band, judged).items():
        table.add_row(name, f"{value:.2%}")
    table.add_row("cost of a thousand messages", f"{1000 * band_cost(band, judged, prices):.2f} misses")
    return table
