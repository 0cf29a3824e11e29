"""Folds in which nothing alike stands on both sides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.intp]


def cluster_folds(labels: Indices, clusters: NDArray[Any], folds: int, seed: int) -> Iterator[tuple[Indices, Indices]]:
    """(fit, held-out) index pairs: whole clusters, labels in proportion, fixed by seed."""
    from sklearn.model_selection import StratifiedGroupKFold

    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    yield from splitter.split(np.zeros(len(labels)), labels, clusters)


def out_of_fold(
    fit_and_score: Callable[[Indices, Indices], NDArray[np.float64]],
    folds: list[tuple[Indices, Indices]],
    count: int,
) -> NDArray[np.float64]:
    """Scores (count, outputs) in which each message was scored by a model that never saw its cluster."""
    scores: NDArray[np.float64] | None = None
    for fit, held_out in folds:
        part = fit_and_score(fit, held_out)
        if scores is None:
            scores = np.zeros((count, part.shape[1]))
        scores[held_out] = part
    assert scores is not None, "at least one fold"
    return scores
