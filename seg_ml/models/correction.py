"""What an organization's own mail adds to a model that learned elsewhere: a bounded change of its log-odds, by words.

The model's log-odds are where learning starts, so that only its mistakes are learned from, and a message without a
word of one's own is judged as before. A row of words has length 1 and the weights have at most the length `limit`, so
by Cauchy and Schwarz no message moves by more than `limit`: nobody who quotes an organization's words at length gets
further than that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seg_ml.models.folds import Indices, cluster_folds
from seg_ml.models.linear import LinearOptions, LinearText, chosen, matrix, unfitted

Floats = NDArray[np.float64]

NAME = "own"
_OPTIONS = LinearOptions(weighting="tfidf", pairs=False, min_messages=2)
_PENALTIES = (30.0, 10.0, 3.0, 1.0, 0.3, 0.1)
_STRICTER = 1.5
_LEAST = 1e-15


class Correction:
    """`words` gives, without an intercept, what a message's tokens add to the log-odds of being unwanted."""

    def __init__(self, words: LinearText) -> None:
        self.words = words

    @property
    def bound(self) -> float:
        """The most by which any message's log-odds move."""
        return float(np.linalg.norm(self.words.coef))

    def moved(self, documents: Sequence[Sequence[str]]) -> Floats:
        """What is added to the log-odds of each list of tokens, shape (n,)."""
        return np.asarray(self.words.logits(documents)[:, 0]) if documents else np.zeros(0)

    def apply(self, threat: Floats, tokens: Sequence[str]) -> Floats:
        """Probabilities of being wanted and unwanted (2,), of one message whose probabilities were `threat` (2,)."""
        return np.asarray(two_sided(log_odds(threat[None, :]) + self.moved([tokens]))[0])

    def save(self, folder: Path) -> None:
        """Write a vocabulary and arrays."""
        self.words.save(folder, NAME)

    @classmethod
    def load(cls, folder: Path) -> Correction:
        """Read what `save` wrote."""
        return cls(LinearText.load(folder, NAME))


def log_odds(threat: Floats) -> Floats:
    """Log-odds of being unwanted (n,) of probabilities (n, 2)."""
    logs = np.log(np.maximum(threat, _LEAST))
    return np.asarray(logs[:, 1] - logs[:, 0])


def two_sided(odds: Floats) -> Floats:
    """Probabilities of being wanted and unwanted (n, 2) of log-odds (n,)."""
    return 1.0 / (1.0 + np.exp(np.column_stack([odds, -odds])))


@dataclass(frozen=True)
class Examples:
    """Messages to learn a correction from.

    `tokens` of each; `target` (n,) is 1 for unwanted mail; `odds` (n,) are the model's log-odds, of mail that it did
    not learn from; `own` (n,): whether its words make the vocabulary; `clusters` (n,): its campaign.
    """

    tokens: Sequence[Sequence[str]]
    target: Indices
    odds: Floats
    own: NDArray[np.bool_]
    clusters: NDArray[Any]


def fit_correction(examples: Examples, limit: float, seed: int, folds: int = 4) -> Correction:
    """Learn the words that the model errs on; how strictly is chosen out of fold, by the log loss."""
    texts = [chosen(tokens, _OPTIONS) for tokens in examples.tokens]
    own = np.flatnonzero(examples.own)
    words = unfitted([texts[row] for row in own], examples.target[own] == 1, _OPTIONS)
    problem = _Problem(matrix(words, texts), examples.odds, np.where(examples.target == 1, 1.0, -1.0), limit)
    pairs = list(cluster_folds(examples.target, examples.clusters, folds, seed))

    def held_out_loss(penalty: float) -> float:
        return sum(problem.loss(held_out, problem.solve(fit, penalty)) for fit, held_out in pairs)

    words.coef = problem.solve(np.arange(len(texts)), min(_PENALTIES, key=held_out_loss))[None, :]
    return Correction(words)


@dataclass(frozen=True)
class _Problem:
    """Logistic regression of `sign` (n,) ±1 on sparse `rows` (n, words) that starts from known log-odds."""

    rows: Any
    odds: Floats
    sign: Floats
    limit: float

    def loss(self, some: Indices, coef: Floats) -> float:
        """Log loss, summed."""
        return float(np.logaddexp(0.0, -self.sign[some] * (self.odds[some] + self.rows[some] @ coef)).sum())

    def solve(self, some: Indices, penalty: float) -> Floats:
        """Coefficients (words,) no longer than the limit, under at least this penalty on their squares."""
        from scipy.optimize import minimize

        rows, odds, sign = self.rows[some], self.odds[some], self.sign[some]

        def valued(coef: Floats) -> tuple[float, Floats]:
            margins = sign * (odds + rows @ coef)
            pull = -sign / (1.0 + np.exp(np.clip(margins, -500.0, 500.0)))
            value = np.logaddexp(0.0, -margins).sum() + penalty / 2 * coef @ coef
            return float(value), np.asarray(rows.T @ pull + penalty * coef)

        coef = np.zeros(rows.shape[1])
        while True:
            coef = minimize(valued, coef, jac=True, method="L-BFGS-B").x
            if np.linalg.norm(coef) <= self.limit:
                return np.asarray(coef)
            penalty *= _STRICTER
