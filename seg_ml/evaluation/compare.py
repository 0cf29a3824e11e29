"""Models side by side on the same messages, with paired intervals of their differences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from seg_ml.evaluation.intervals import cluster_draws, codes_of, percentile
from seg_ml.evaluation.metrics import (
    Bools,
    Floats,
    at_rate,
    auc,
    average_precision,
    brier,
    ece,
    threshold_at,
)
from seg_ml.evaluation.scores import of_model, paired, threat, unwanted
from seg_ml.evaluation.slices import Slice, slices

RATES = (0.001, 0.005, 0.01)


def comparison(scores: pd.DataFrame, rates: Sequence[float] = RATES, bins: int = 15) -> pd.DataFrame:
    """A row per model, in order of appearance: recall at each rate, average precision, AUC, F1, ECE, Brier.

    F1 is at the threshold of the middle rate. Index: model; columns `recall at 0.5 %` and so on.
    """
    return pd.DataFrame(
        {str(model): _row(of_model(scores, str(model)), rates, bins) for model in _models(scores)}
    ).T.rename_axis("model")


def percent(rate: float) -> str:
    """A rate as a reader writes it: 0.005 → `0.5 %`."""
    return f"{rate * 100:g} %"


def slice_differences(
    scores: pd.DataFrame,
    model: str,
    baseline: str,
    rate: float,
    margin: float = 0.0,
    minimum: int = 50,
    resamples: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Whether a model is worse than another in any slice: a row per slice and measure.

    Each model works at its own overall threshold for `rate`. Columns: by, value, measure (`recall` or
    `false_positive_rate`), n (messages counted), model, baseline (figures), gain (positive is better for the
    model, also for false positives), low, high (95 %, paired, by campaign), worse (gain < -margin and not
    small), certain (the interval excludes 0, not small), small (n < minimum).

    Raises:
        ConfigError: the models scored different messages.
    """
    left, right = paired(scores, model, baseline)
    bad = unwanted(left)
    flagged = [threat(rows) >= threshold_at(bad, threat(rows), rate) for rows in (left, right)]
    whole = Slice("overall", "all", np.ones(len(left), dtype=np.bool_))
    clusters = codes_of(left["cluster"])
    draws = np.concatenate(list(cluster_draws(int(clusters.max()) + 1, resamples, seed)))
    rows = [
        _difference(part, measure, among & part.members, flagged, clusters, draws)
        for part in (whole, *slices(left))
        for measure, among in (("recall", bad), ("false_positive_rate", ~bad))
        if (among & part.members).any()
    ]
    table = pd.DataFrame(rows)
    small = table["n"] < minimum
    certain = ((table["low"] > 0) | (table["high"] < 0)) & ~small
    return table.assign(worse=(table["gain"] < -margin - 1e-12) & ~small, certain=certain, small=small)


def _difference(
    part: Slice, measure: str, among: Bools, flagged: Sequence[Bools], clusters: np.ndarray, draws: np.ndarray
) -> dict[str, object]:
    sign = 1.0 if measure == "recall" else -1.0
    gains = sign * (flagged[0].astype(float) - flagged[1].astype(float))
    sums = np.bincount(clusters[among], weights=gains[among], minlength=draws.shape[1])
    counts = np.bincount(clusters[among], minlength=draws.shape[1])
    with np.errstate(invalid="ignore", divide="ignore"):
        interval = percentile((draws @ sums) / (draws @ counts))
    return {
        "by": part.by,
        "value": part.value,
        "measure": measure,
        "n": int(among.sum()),
        "model": float(flagged[0][among].mean()),
        "baseline": float(flagged[1][among].mean()),
        "gain": float(gains[among].mean()),
        "low": interval.low,
        "high": interval.high,
    }


def _row(rows: pd.DataFrame, rates: Sequence[float], bins: int) -> dict[str, float]:
    bad, scores = unwanted(rows), threat(rows)
    middle = sorted(rates)[len(rates) // 2]
    return {
        **{f"recall at {percent(rate)}": at_rate(bad, scores, rate).recall for rate in rates},
        "average precision": average_precision(bad, scores),
        "AUC": auc(bad, scores),
        "F1": at_rate(bad, scores, middle).f1,
        **_calibration(bad, scores, bins),
    }


def _calibration(bad: Bools, scores: Floats, bins: int) -> dict[str, float]:
    return {"ECE": ece(bad, scores, bins), "Brier": brier(bad, scores)}


def _models(scores: pd.DataFrame) -> list[str]:
    return list(scores.loc[scores["split"] == "test", "model"].drop_duplicates())
