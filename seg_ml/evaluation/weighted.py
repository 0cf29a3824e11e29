"""The figures of `metrics`, for many weightings of the same messages at once (see `intervals`).

With all weights 1 each equals its plain counterpart; a property test holds the two together.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from seg_ml.evaluation.intervals import Weights
from seg_ml.evaluation.metrics import Bools, Floats, Ints, mass_bins


class Ranked:
    """Messages in order of their scores, ready for any number of weightings.

    Every method takes weights of shape (r, n), in the messages' own order, and returns shape (r,), NaN where a
    weighting leaves nothing to count.
    """

    def __init__(self, unwanted: Bools, scores: Floats) -> None:
        self.order: Ints = np.argsort(-scores, kind="stable")
        self.unwanted = unwanted
        self.scores = scores
        self.last: Ints = np.r_[np.flatnonzero(np.diff(scores[self.order])), len(scores) - 1]

    def recall_at(self, weights: Weights, rate: float) -> Floats:
        """Recall where at most floor(rate × weight of ham) is flagged, each weighting with its own threshold."""
        hits, alarms = self._counts(weights)
        spare = np.floor(rate * alarms[:, -1:] + 1e-9)
        groups = (alarms <= spare).sum(axis=1)
        found = np.where(groups > 0, np.take_along_axis(hits, np.maximum(groups, 1)[:, None] - 1, axis=1)[:, 0], 0)
        return _share(found, hits[:, -1])

    def auc(self, weights: Weights) -> Floats:
        """Area under the ROC curve."""
        hits, alarms = self._counts(weights)
        steps = np.diff(alarms, axis=1, prepend=0)
        area = (steps * (hits + np.c_[np.zeros(len(hits)), hits[:, :-1]]) / 2).sum(axis=1)
        return _share(area, hits[:, -1] * alarms[:, -1])

    def average_precision(self, weights: Weights) -> Floats:
        """Precision averaged over recall in steps."""
        hits, alarms = self._counts(weights)
        steps = np.diff(hits, axis=1, prepend=0)
        area = (steps * hits / np.maximum(hits + alarms, 1)).sum(axis=1)
        return _share(area, hits[:, -1])

    def recall(self, weights: Weights, threshold: float) -> Floats:
        """Share of unwanted mail flagged at a threshold that stays."""
        return self._flagged_share(weights, threshold, self.unwanted)

    def false_positive_rate(self, weights: Weights, threshold: float) -> Floats:
        """Share of wanted mail flagged at a threshold that stays."""
        return self._flagged_share(weights, threshold, ~self.unwanted)

    def f1(self, weights: Weights, threshold: float) -> Floats:
        """Harmonic mean of precision and recall at a threshold that stays."""
        flagged = self.scores >= threshold
        hits = weights[:, flagged & self.unwanted].sum(axis=1, dtype=np.float64)
        return _share(2 * hits, weights[:, flagged].sum(axis=1) + weights[:, self.unwanted].sum(axis=1))

    def brier(self, weights: Weights) -> Floats:
        """Mean squared distance of probability and outcome."""
        errors = (self.scores - self.unwanted) ** 2
        return _share(weights @ errors, weights.sum(axis=1, dtype=np.float64))

    def ece(self, weights: Weights, bins: int) -> Floats:
        """Expected calibration error over the bins of the messages as they are."""
        numbers = mass_bins(self.scores, bins)
        member = numbers[:, None] == np.arange(bins)
        gaps = weights @ (member * (self.scores - self.unwanted)[:, None])
        return _share(np.abs(gaps).sum(axis=1), weights.sum(axis=1, dtype=np.float64))

    def _flagged_share(self, weights: Weights, threshold: float, among: Bools) -> Floats:
        flagged = weights[:, among & (self.scores >= threshold)].sum(axis=1, dtype=np.float64)
        return _share(flagged, weights[:, among].sum(axis=1, dtype=np.float64))

    def _counts(self, weights: Weights) -> tuple[Floats, Floats]:
        """Weight of unwanted and of wanted mail down to each distinct score, shape (r, scores) each."""
        ordered = weights[:, self.order]
        total = np.cumsum(ordered, axis=1)[:, self.last]
        hits = np.cumsum(ordered * self._ordered_unwanted, axis=1)[:, self.last]
        return hits.astype(np.float64), (total - hits).astype(np.float64)

    @cached_property
    def _ordered_unwanted(self) -> Bools:
        return self.unwanted[self.order]


def _share(part: Floats, whole: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(whole > 0, np.asarray(part, dtype=np.float64) / whole, np.nan)
