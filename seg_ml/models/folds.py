"""Folds in which nothing alike stands on both sides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.intp]
_LEAST_CORPORA = 3
Folds = list[tuple[Indices, Indices]]


def cluster_folds(labels: Indices, clusters: NDArray[Any], folds: int, seed: int) -> Iterator[tuple[Indices, Indices]]:
    """(fit, held-out) index pairs: whole clusters, labels in proportion, fixed by seed."""
    from sklearn.model_selection import StratifiedGroupKFold

    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    yield from splitter.split(np.zeros(len(labels)), labels, clusters)


def corpus_folds(labels: Indices, corpora: NDArray[Any], clusters: NDArray[Any], folds: int, seed: int) -> Folds:
    """(fit, held-out) index pairs: whole corpora, so that what is held out is as strange as mail will be.

    A corpus that has both labels is held out by itself, those that have one label together. Campaigns that reach into
    what is held out are not fitted to. Where there are fewer than three to hold out, so that what is fitted to would be
    one of them alone, or where one leaves not both labels to be fitted to, they are `cluster_folds`.
    """
    groups = np.unique(corpora, return_inverse=True)[1]
    both = [group for group in range(groups.max() + 1) if len(set(labels[groups == group])) > 1]
    held = [groups == group for group in both]
    rest = ~np.isin(groups, both)
    if rest.any():
        held.append(rest)
    pairs = [
        (np.flatnonzero(~some & ~np.isin(clusters, clusters[some])), np.flatnonzero(some))
        for some in held
        if some.any()
    ]
    if len(pairs) >= _LEAST_CORPORA and all(len(set(labels[fit])) == len(set(labels)) for fit, _ in pairs):
        return pairs
    return list(cluster_folds(labels, clusters, folds, seed))


def out_of_fold(
    fit_and_score: Callable[[Indices, Indices], NDArray[np.float64]],
    folds: Folds,
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
