"""Figures of parts of the mail: by corpus, kind, label, genre, language, year, size and form.

One threshold holds for all of them, the one chosen overall, since a gateway has one too. A slice with few
messages is flagged `small` and shown all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from seg_ml.evaluation.intervals import cluster_draws, codes_of, percentile, with_certainty
from seg_ml.evaluation.metrics import Bools, Floats, at_threshold, ece
from seg_ml.evaluation.scores import size_band, threat, unwanted

SLICED_BY = ("corpus", "kind", "label", "genre", "language", "year", "size", "html")
UNKNOWN = "unknown"


class Slice(NamedTuple):
    """Messages that share a value; `members` is boolean of shape (n,)."""

    by: str
    value: str
    members: Bools


def slices(rows: pd.DataFrame) -> Iterator[Slice]:
    """Every slice of the messages; a property that is one value throughout, or is not recorded, makes none."""
    for by in SLICED_BY:
        if by in rows:
            values = names(rows, by)
            present = [str(value) for value in pd.Series(values).drop_duplicates()]
            for value in sorted(present, key=_in_order) if len(present) > 1 else ():
                yield Slice(by, value, np.asarray(values == value, dtype=np.bool_))


def names(rows: pd.DataFrame, by: str) -> pd.Series:
    """The value of each message as a word, `unknown` where it is not known."""
    column = size_band(rows["size"]).astype(object) if by == "size" else rows[by]
    if by == "html":
        column = column.map({True: "HTML", False: "plain text"})
    if by == "year":
        column = pd.to_numeric(column).astype("Int64").astype("string")
    return column.astype(object).where(column.notna(), UNKNOWN).astype(str)


def slice_table(
    rows: pd.DataFrame, threshold: float, minimum: int = 50, bins: int = 15, resamples: int = 1000, seed: int = 0
) -> pd.DataFrame:
    """A row per slice, in the order of `SLICED_BY`.

    Columns: by, value, n, ham, unwanted, recall, recall_low, recall_high, false_positive_rate,
    false_positive_rate_low, false_positive_rate_high, ece, small. Rates are at `threshold`, NaN where there is
    nothing to count; intervals are of 95 %, by campaign. A slice of one class has no ECE: once the outcome is
    known, no probability but 0 or 1 is right. `small`: fewer than `minimum` messages.
    """
    parts = list(slices(rows))
    bad, scores = unwanted(rows), threat(rows)
    table = pd.DataFrame([_figures(part, bad, scores, threshold, minimum, bins) for part in parts])
    if table.empty:
        return pd.DataFrame(columns=["by", "value", "n", "ham", "unwanted", "recall", "false_positive_rate", "small"])
    flagged = scores >= threshold
    for name, among in (("recall", bad), ("false_positive_rate", ~bad)):
        intervals = _intervals(rows, parts, flagged, among, resamples, seed)
        table[[f"{name}_low", f"{name}_high"]] = intervals
    return table


def _figures(part: Slice, bad: Bools, scores: Floats, threshold: float, minimum: int, bins: int) -> dict[str, object]:
    n = int(part.members.sum())
    inside, inside_scores = bad[part.members], scores[part.members]
    point = at_threshold(inside, inside_scores, threshold)
    return {
        "by": part.by,
        "value": part.value,
        "n": n,
        "ham": n - int(inside.sum()),
        "unwanted": int(inside.sum()),
        "recall": point.recall,
        "false_positive_rate": point.false_positive_rate,
        "ece": ece(inside, inside_scores, max(1, min(bins, n // 10))) if 0 < inside.sum() < n else np.nan,
        "small": n < minimum,
    }


def _intervals(
    rows: pd.DataFrame, parts: list[Slice], flagged: Bools, among: Bools, resamples: int, seed: int
) -> Floats:
    """Intervals of the flagged share of every slice at once, shape (slices, 2).

    A share is a ratio of two sums over clusters, so resampling clusters is one matrix product for all slices.
    """
    clusters = codes_of(rows["cluster"])
    size = int(clusters.max()) + 1
    whole = np.stack([np.bincount(clusters[p.members & among], minlength=size) for p in parts], axis=1)
    hits = np.stack([np.bincount(clusters[p.members & among & flagged], minlength=size) for p in parts], axis=1)
    draws = np.concatenate(list(cluster_draws(size, resamples, seed)))
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = (draws @ hits) / (draws @ whole)
        figures = hits.sum(axis=0) / whole.sum(axis=0)
    independent = (whole > 0).sum(axis=0)
    found = [
        with_certainty(percentile(values), float(figure), int(count))
        for values, figure, count in zip(shares.T, figures, independent, strict=True)
    ]
    return np.array([[interval.low, interval.high] for interval in found])


def _in_order(value: str) -> tuple[int, float, str]:
    """Sizes by size, years by time, words by the alphabet, the unknown last."""
    bands = ["under 2 kB", "2 to 10 kB", "10 to 50 kB", "over 50 kB"]
    return (int(value == UNKNOWN), float(bands.index(value)) if value in bands else 0.0, value)
