"""What an organization's own mail adds to a model that learned elsewhere: a bounded change of its log-odds, by words.

The model's log-odds are where learning starts, so that only its mistakes are learned from, and a message without a
word of one's own is judged as before. No message moves by more than a limit: whoever quotes an organization's words,
at whatever length, gets no further than that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seg_ml.models.folds import Indices, cluster_folds
from seg_ml.models.linear import LinearOptions, LinearText, bag_of, unfitted

Floats = NDArray[np.float64]

NAME = "own"
_OPTIONS = LinearOptions(weighting="tfidf", pairs=False, min_messages=2)
_PENALTIES = (10.0, 3.0, 1.0, 0.3, 0.1, 0.03)
_LEAST = 1e-15


class Correction:
    """`words` gives, without an intercept, what a message's tokens add to the log-odds; at most `limit` either way."""

    def __init__(self, words: LinearText, limit: float) -> None:
        self.words, self.limit = words, limit

    def moved(self, documents: Sequence[Sequence[str]]) -> Floats:
        """What is added to the log-odds of each list of tokens, shape (n,)."""
        if not documents:
            return np.zeros(0)
        return np.asarray(np.clip(self.words.logits(documents)[:, 0], -self.limit, self.limit))

    def apply(self, threat: Floats, tokens: Sequence[str]) -> Floats:
        """Probabilities of being wanted and unwanted (2,), of one message whose probabilities were `threat` (2,)."""
        return np.asarray(two_sided(log_odds(threat[None, :]) + self.moved([tokens]))[0])

    def contributions(self, tokens: Sequence[str]) -> list[tuple[str, float]]:
        """(token, what it adds to the log-odds), heaviest first; together what `moved` says, within the limit."""
        parts = self.words.contributions(tokens)
        whole = sum(weight for _, weight in parts)
        within = min(1.0, self.limit / abs(whole)) if whole else 1.0
        return [(token, weight * within) for token, weight in parts if weight]

    def save(self, folder: Path) -> None:
        """Write a vocabulary and arrays."""
        self.words.save(folder, NAME)

    @classmethod
    def load(cls, folder: Path, limit: float) -> Correction:
        """Read what `save` wrote; the limit is the manifest's."""
        return cls(LinearText.load(folder, NAME), limit)


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
    every, own = np.arange(len(examples.tokens)), np.flatnonzero(examples.own)
    words = unfitted(bag_of(examples.tokens, _OPTIONS), own, examples.target[own] == 1, _OPTIONS)
    problem = _Problem(words.matrix(every), examples.odds, np.where(examples.target == 1, 1.0, -1.0), limit)
    pairs = list(cluster_folds(examples.target, examples.clusters, folds, seed))

    def held_out_loss(penalty: float) -> float:
        return sum(problem.loss(held_out, problem.solve(fit, penalty)) for fit, held_out in pairs)

    words.coef = problem.solve(every, min(_PENALTIES, key=held_out_loss))[None, :]
    return Correction(words.model(), limit)


@dataclass(frozen=True)
class _Problem:
    """Logistic regression of `sign` (n,) ±1 on sparse `rows` (n, words) that starts from known log-odds."""

    rows: Any
    odds: Floats
    sign: Floats
    limit: float

    def loss(self, some: Indices, coef: Floats) -> float:
        """Log loss, summed, where no message moves by more than the limit."""
        moved = np.clip(self.rows[some] @ coef, -self.limit, self.limit)
        return float(np.logaddexp(0.0, -self.sign[some] * (self.odds[some] + moved)).sum())

    def solve(self, some: Indices, penalty: float) -> Floats:
        """Coefficients (words,) under a penalty on their squares; the limit is not in sight."""
        from scipy.optimize import minimize

        rows, odds, sign = self.rows[some], self.odds[some], self.sign[some]

        def valued(coef: Floats) -> tuple[float, Floats]:
            margins = sign * (odds + rows @ coef)
            pull = -sign / (1.0 + np.exp(np.clip(margins, -500.0, 500.0)))
            value = np.logaddexp(0.0, -margins).sum() + penalty / 2 * coef @ coef
            return float(value), np.asarray(rows.T @ pull + penalty * coef)

        return np.asarray(minimize(valued, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B").x)
