"""Tables of an evaluation in Markdown, for the README and the model card."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from seg_ml.evaluation.compare import percent
from seg_ml.evaluation.figures import key_of
from seg_ml.evaluation.settings import EvaluationSettings


def table_markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A pipe table; a bar inside a cell is escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def share(value: float | None, digits: int = 1) -> str:
    """A share in [0, 1] as per cent, a dash where it is unknown."""
    return "–" if value is None or math.isnan(value) else f"{value * 100:.{digits}f} %"


def with_interval(figure: Mapping[str, Any]) -> str:
    """A share with its 95 % interval: `98.1 % (96.9–99.0)`."""
    low, high = figure.get("low"), figure.get("high")
    if low is None or high is None or math.isnan(low):
        return share(figure["figure"])
    return f"{share(figure['figure'])} ({low * 100:.1f}–{high * 100:.1f})"


def comparison_markdown(compared: pd.DataFrame, figures: Mapping[str, Any], settings: EvaluationSettings) -> str:
    """A row per model of `comparison`; the proposed one in bold and with the intervals of its recall."""
    rates = list(settings.rates)
    header = ["model", *(f"recall at {percent(rate)} FP" for rate in rates), "AP", "AUC", "F1", "ECE", "Brier"]
    rows = []
    for model, row in compared.iterrows():
        proposed = model == settings.model
        recalls = [
            with_interval(figures[key_of(r)]) if proposed else share(row[f"recall at {percent(r)}"]) for r in rates
        ]
        others = [f"{value:.4f}" for value in row.iloc[len(rates) :]]
        rows.append([f"**{model}**" if proposed else str(model), *recalls, *others])
    return table_markdown(header, rows)


def slices_markdown(table: pd.DataFrame) -> str:
    """A row per slice of `slice_table`; small ones say so."""
    rows = [
        [
            f"{row['by']}: {row['value']}" + (" (small)" if row["small"] else ""),
            f"{row['n']:,}",
            _interval(row, "recall"),
            _interval(row, "false_positive_rate"),
            "–" if math.isnan(row["ece"]) else f"{row['ece']:.3f}",
        ]
        for row in table.to_dict("records")
    ]
    return table_markdown(["slice", "messages", "recall", "false positives", "ECE"], rows)


def _interval(row: Mapping[Any, Any], name: str) -> str:
    return with_interval({"figure": row[name], "low": row[f"{name}_low"], "high": row[f"{name}_high"]})
