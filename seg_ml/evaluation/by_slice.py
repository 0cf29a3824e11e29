"""Two promises that a model makes of all mail, looked at in each part of it: calibration and false positives.

A figure of the whole may hide that one kind of mail is scored too high and another too low, or that one pays for the
other with false positives.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from seg_ml.evaluation.conformal import Promise, coverage, promise, promise_in_slices
from seg_ml.evaluation.intervals import clopper_pearson
from seg_ml.evaluation.markdown import share, table_markdown
from seg_ml.evaluation.metrics import ece, ratio
from seg_ml.evaluation.scores import threat, unwanted
from seg_ml.evaluation.slices import slices

_DRAWS = 50


def ece_by_slice(rows: pd.DataFrame, minimum: int, bins: int = 15) -> pd.DataFrame:
    """Calibration error of each slice with both classes, beside what so few messages give a perfect model by chance.

    Columns: by, value, n, ece, by_chance (mean over outcomes drawn from the probabilities themselves). What is
    well above chance is miscalibrated; the most above comes first.
    """
    bad, scores = unwanted(rows), threat(rows)
    generator = np.random.default_rng(0)
    found = []
    for part in slices(rows):
        inside, values = bad[part.members], scores[part.members]
        if len(inside) < minimum or not 0 < inside.sum() < len(inside):
            continue
        few = max(1, min(bins, len(inside) // 10))
        drawn = [ece(generator.random(len(values)) < values, values, few) for _ in range(_DRAWS)]
        found.append([part.by, part.value, len(inside), ece(inside, values, few), float(np.mean(drawn))])
    table = pd.DataFrame(found, columns=["by", "value", "n", "ece", "by_chance"])
    return table.iloc[(table["by_chance"] - table["ece"]).argsort(kind="stable")].reset_index(drop=True)


def promise_figures(chosen: pd.DataFrame, judged: pd.DataFrame, promised: float) -> dict[str, Any]:
    """A conformal promise about false positives, made on `chosen` mail, and whether `judged` mail finds it kept.

    Keys: `promised`, `n` (wanted messages it was made on), `threshold`, `likely_at_most`, `false_positive_rate` with
    its exact interval (`low`, `high`), `recall`, `slices` (rows of `coverage`), `broken` (names of slices in which it
    is broken for certain). `everywhere`: the same of the threshold that makes the promise to every slice by itself
    (`promise_in_slices`; `n` of the strictest), or `None`. Without enough mail, `n` and `promised` alone.
    """
    made = promise(chosen, promised)
    if math.isinf(made.threshold):
        return {"promised": promised, "n": made.n}
    kept = _kept(judged, made, promised)
    everywhere = promise_in_slices(chosen, promised)
    return kept | {
        "likely_at_most": made.likely_at_most,
        "slices": coverage(judged, made.threshold, promised).to_dict("records"),
        "everywhere": None if math.isinf(everywhere.threshold) else _kept(judged, everywhere, promised),
    }


def _kept(judged: pd.DataFrame, made: Promise, promised: float) -> dict[str, Any]:
    bad, flagged = unwanted(judged), threat(judged) >= made.threshold
    alarms, ham = int((flagged & ~bad).sum()), int((~bad).sum())
    ends = clopper_pearson(alarms, ham)
    table = coverage(judged, made.threshold, promised)
    return {
        "promised": promised,
        "n": made.n,
        "threshold": made.threshold,
        "false_positive_rate": ratio(alarms, ham),
        "low": ends.low,
        "high": ends.high,
        "recall": ratio(int((flagged & bad).sum()), int(bad.sum())),
        "broken": [f"{by}: {value}" for by, value in table.loc[table["kept"] == "no", ["by", "value"]].to_numpy()],
    }


def calibration_markdown(table: pd.DataFrame) -> str:
    """A row per slice of `ece_by_slice`."""
    rows = [
        [f"{row['by']}: {row['value']}", f"{row['n']:,}", f"{row['ece']:.3f}", f"{row['by_chance']:.3f}"]
        for row in table.to_dict("records")
    ]
    header = ["slice", "messages", "ECE", "of a perfect model, by chance"]
    return f"Calibration in parts, the worst first:\n\n{table_markdown(header, rows)}" if rows else ""


def promise_markdown(figures: Mapping[str, Any]) -> str:
    """What was promised and what came of it, in all mail and in every part; the worst first."""
    promised = share(figures["promised"], 2)
    if "threshold" not in figures:
        return f"{figures['n']:,} wanted messages out of fold are too few to promise {promised} false positives.\n"
    said = (
        f"Promised on {figures['n']:,} wanted messages, out of fold: at most {promised} of wanted mail flagged "
        f"(threshold {figures['threshold']:.4f}). On test mail {share(figures['false_positive_rate'], 2)} "
        f"({figures['low'] * 100:.2f}–{figures['high'] * 100:.2f}) are, "
        f"and {share(figures['recall'])} of unwanted mail."
    )
    if everywhere := figures.get("everywhere"):
        said += f" {everywhere_said(everywhere)}"
    rows = [
        [
            f"{row['by']}: {row['value']}",
            f"{row['wanted']:,}",
            f"{share(row['rate'], 2)} ({row['low'] * 100:.2f}–{row['high'] * 100:.2f})",
            row["kept"],
        ]
        for row in figures["slices"]
    ]
    table = table_markdown(["slice", "wanted", "flagged (95 %, exact)", "kept"], rows) if rows else ""
    return f"{said}\n\n{table}"


def everywhere_said(figures: Mapping[str, Any]) -> str:
    """What came of the threshold that promises the same to every slice by itself."""
    return (
        f"Promised to every slice by itself (threshold {figures['threshold']:.4f}): "
        f"{share(figures['false_positive_rate'], 2)} of wanted mail is flagged, "
        f"and {share(figures['recall'])} of unwanted mail; "
        f"broken for certain in {', '.join(figures['broken']) or 'no slice'}."
    )
