"""Thresholds: what each false-positive rate asks for, how firmly the data settle it, what lies between."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from seg_ml.evaluation.intervals import Weights, percentile, resampled
from seg_ml.evaluation.metrics import Bools, Floats, allowed, at_rate, curve, threshold_at
from seg_ml.evaluation.scores import of_model, threat, unwanted


def threshold_of(scores: pd.DataFrame, model: str, rate: float) -> float:
    """The lowest threshold that flags at most `rate` of the test split's wanted mail, for one model."""
    rows = of_model(scores, model)
    return threshold_at(unwanted(rows), threat(rows), rate)


def threshold_table(rows: pd.DataFrame, rates: Sequence[float], resamples: int = 1000, seed: int = 0) -> pd.DataFrame:
    """A row per false-positive rate, for one model.

    Columns: rate, allowed (wanted messages that may be flagged), threshold, threshold_low, threshold_high (95 %, by
    campaign), recall, missed (unwanted messages let through), false_positives. A threshold whose interval is wide
    hangs on a handful of messages.
    """
    bad, scores = unwanted(rows), threat(rows)
    ham = int((~bad).sum())
    found = []
    for rate in sorted(rates):
        point = at_rate(bad, scores, rate)
        statistic = partial(_thresholds, bad=bad, scores=scores, rate=rate)
        interval = percentile(resampled(statistic, rows["cluster"], resamples, seed))
        found.append(
            {
                "rate": rate,
                "allowed": allowed(rate, ham),
                "threshold": point.threshold,
                "threshold_low": interval.low,
                "threshold_high": interval.high,
                "recall": point.recall,
                "missed": int(bad.sum()) - point.true_positives,
                "false_positives": point.false_positives,
            }
        )
    return pd.DataFrame(found)


def sweep(rows: pd.DataFrame) -> pd.DataFrame:
    """Recall, false-positive rate and F1 at every threshold that changes anything, from 0 to 1."""
    bad, scores = unwanted(rows), threat(rows)
    points = curve(bad, scores).iloc[1:]
    flagged = points["true_positives"] + points["false_positives"]
    return points.assign(f1=2 * points["true_positives"] / (flagged + int(bad.sum()))).sort_values(
        "threshold", ignore_index=True
    )


def cheapest(rows: pd.DataFrame, miss: float, alarm: float, prevalence: float | None = None) -> tuple[float, float]:
    """The threshold at which mistakes cost least, and what they cost a message there.

    `miss` is the price of an unwanted message let through, `alarm` that of a wanted one flagged, in any unit.
    `prevalence` is the share of unwanted mail where the gateway will stand, in (0, 1); that of `rows` by default.
    A threshold above every score, the infinite one, is an answer too: flag nothing.
    """
    bad = unwanted(rows)
    share = float(bad.mean()) if prevalence is None else prevalence
    points = curve(bad, threat(rows))
    missed = (1 - points["recall"]).fillna(0.0)
    price = miss * share * missed + alarm * (1 - share) * points["false_positive_rate"].fillna(0.0)
    best = int(np.argmin(price.to_numpy()))
    return float(points["threshold"].iloc[best]), float(price.iloc[best])


def _thresholds(weights: Weights, bad: Bools, scores: Floats, rate: float) -> Floats:
    """The threshold of each weighting, shape (r,), NaN where a weighting spares all or leaves no wanted mail."""
    order = np.argsort(-scores[~bad], kind="stable")
    ham = scores[~bad][order]
    counts = np.cumsum(weights[:, ~bad][:, order], axis=1, dtype=np.float64)
    spare = np.floor(rate * counts[:, -1:] + 1e-9)
    first = (counts <= spare).sum(axis=1)
    inside = first < len(ham)
    return np.where(inside, np.nextafter(ham[np.minimum(first, len(ham) - 1)], math.inf), np.nan)
