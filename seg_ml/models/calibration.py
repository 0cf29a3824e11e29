"""Logits to probabilities that mean what they say: a softmax over a fitted linear map of the logits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Calibrator:
    """`matrix` (labels, outputs) and `offset` (labels,): probabilities are softmax(matrix · logits + offset)."""

    matrix: NDArray[np.float64]
    offset: NDArray[np.float64]

    def probabilities(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Shape (n, labels), rows sum to 1, for logits of shape (n, outputs)."""
        scores = np.asarray(logits, float) @ self.matrix.T + self.offset
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(scores / scores.sum(axis=1, keepdims=True))

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {"matrix": self.matrix.tolist(), "offset": self.offset.tolist()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Calibrator:
        """Read what `to_json` wrote."""
        return cls(np.array(data["matrix"], float), np.array(data["offset"], float))


def fit_calibrator(logits: NDArray[np.float64], labels: NDArray[np.intp]) -> Calibrator:
    """Fit on out-of-fold logits (n, outputs) and label indices; Platt scaling where there are two labels."""
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=10.0, max_iter=2_000).fit(logits, labels)
    if len(fitted.classes_) == 2:
        zero = np.zeros_like(fitted.coef_[0])
        return Calibrator(np.vstack([zero, fitted.coef_[0]]), np.array([0.0, float(fitted.intercept_[0])]))
    return Calibrator(fitted.coef_, fitted.intercept_)
