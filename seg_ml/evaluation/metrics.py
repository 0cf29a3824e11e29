"""Figures of a detector, from labels and scores.

Everywhere here `unwanted` is a boolean array of shape (n,), `scores` floats of shape (n,), higher meaning more
likely unwanted; a message is flagged when its score is *at least* the threshold.

Recall at a fixed false-positive rate: with n_ham wanted messages, at most floor(rate × n_ham) of them may be
flagged. The threshold is the smallest that keeps to it; wanted messages of one score are flagged together or
not at all, so ties count as false positives. Recall is the share of unwanted messages flagged at that threshold.

Sources: Fawcett, An introduction to ROC analysis (2006); Nixon et al., Measuring Calibration in Deep
Learning (2019), for bins of equal mass; Brier, Verification of forecasts (1950).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """What one threshold does. Rates are in [0, 1] and NaN where nothing could be counted."""

    threshold: float
    recall: float
    false_positive_rate: float
    precision: float
    f1: float
    true_positives: int
    false_positives: int


def allowed(rate: float, ham: int) -> int:
    """How many wanted messages may be flagged: floor(rate × ham).

    The billionth keeps 0.29 × 100 = 28.999…96 from losing a message to binary fractions.
    """
    return math.floor(rate * ham + 1e-9)


def threshold_at(unwanted: Bools, scores: Floats, rate: float) -> float:
    """The smallest threshold at which at most floor(rate × n_ham) wanted messages are flagged; -inf if all may be."""
    ham = np.sort(scores[~unwanted])[::-1]
    spare = allowed(rate, len(ham))
    return -math.inf if spare >= len(ham) else float(np.nextafter(ham[spare], np.inf))


def at_threshold(unwanted: Bools, scores: Floats, threshold: float) -> OperatingPoint:
    """Count what is flagged at a threshold."""
    flagged = scores >= threshold
    hits, alarms = int((flagged & unwanted).sum()), int((flagged & ~unwanted).sum())
    bad = int(unwanted.sum())
    return OperatingPoint(
        threshold=float(threshold),
        recall=ratio(hits, bad),
        false_positive_rate=ratio(alarms, len(unwanted) - bad),
        precision=ratio(hits, hits + alarms),
        f1=ratio(2 * hits, hits + alarms + bad),
        true_positives=hits,
        false_positives=alarms,
    )


def at_rate(unwanted: Bools, scores: Floats, rate: float) -> OperatingPoint:
    """The operating point at a false-positive rate, as the module defines it."""
    return at_threshold(unwanted, scores, threshold_at(unwanted, scores, rate))


def curve(unwanted: Bools, scores: Floats) -> pd.DataFrame:
    """Every operating point from strict to lax, one row per distinct score.

    Columns: threshold, true_positives, false_positives, recall, false_positive_rate, precision. The first row has
    the threshold inf, flags nothing and has the precision 1 by convention.
    """
    order = np.argsort(-scores, kind="stable")
    last = np.r_[np.flatnonzero(np.diff(scores[order])), len(scores) - 1] if len(scores) else np.array([], int)
    hits = np.r_[0, np.cumsum(unwanted[order])[last]]
    flagged = np.r_[0, last + 1]
    bad = int(unwanted.sum())
    return pd.DataFrame(
        {
            "threshold": np.r_[np.inf, scores[order][last]],
            "true_positives": hits,
            "false_positives": flagged - hits,
            "recall": hits / bad if bad else np.nan,
            "false_positive_rate": (flagged - hits) / (len(scores) - bad) if bad < len(scores) else np.nan,
            "precision": np.r_[1.0, hits[1:] / flagged[1:]],
        }
    )


def auc(unwanted: Bools, scores: Floats) -> float:
    """Area under the ROC curve: how often an unwanted message outscores a wanted one, ties counting half."""
    points = curve(unwanted, scores)
    return float(np.trapezoid(points["recall"], points["false_positive_rate"]))


def average_precision(unwanted: Bools, scores: Floats) -> float:
    """Precision averaged over recall in steps, without interpolation; NaN where nothing is unwanted."""
    points = curve(unwanted, scores)
    return float((np.diff(points["recall"]) * points["precision"].to_numpy()[1:]).sum()) if unwanted.any() else math.nan


def mass_bins(probabilities: Floats, bins: int) -> Ints:
    """Bin number of each probability, in [0, bins): bins of equal mass, equal probabilities in one bin."""
    ranks = np.searchsorted(np.sort(probabilities), probabilities, side="left")
    return np.asarray(ranks * bins // max(1, len(probabilities)), dtype=np.int64)


def reliability(unwanted: Bools, probabilities: Floats, bins: int = 15) -> pd.DataFrame:
    """Promise against outcome, a row per bin that is not empty: probability (mean), frequency (unwanted), n."""
    table = pd.DataFrame({"probability": probabilities, "frequency": unwanted.astype(float)})
    grouped = table.groupby(mass_bins(probabilities, bins))
    return grouped.mean().assign(n=grouped.size()).reset_index(drop=True)


def ece(unwanted: Bools, probabilities: Floats, bins: int = 15) -> float:
    """Expected calibration error in [0, 1]: mean distance of promise and outcome over bins of equal mass.

    It is biased upwards for few messages, about sqrt(p(1-p) bins / n) at worst.
    """
    table = reliability(unwanted, probabilities, bins)
    gaps = (table["probability"] - table["frequency"]).abs()
    return ratio(float((gaps * table["n"]).sum()), len(unwanted))


def brier(unwanted: Bools, probabilities: Floats) -> float:
    """Mean squared distance of probability and outcome, in [0, 1]."""
    return float(np.mean((probabilities - unwanted) ** 2)) if len(unwanted) else math.nan


def ratio(part: float, whole: float) -> float:
    """A share, NaN of nothing."""
    return part / whole if whole else math.nan
