"""Find alike messages without comparing all with all: MinHash signatures, banded (LSH), then exact Jaccard.

Source: Broder, On the resemblance and containment of documents, 1997; Leskovec, Rajaraman, Ullman,
Mining of Massive Datasets, chapter 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from seg_ml.corpora.shingles import Shingles, jaccard

BANDS, ROWS = 42, 3
"""A pair of Jaccard 0.5 shares a band with probability 1 - (1 - 0.5³)⁴² = 0.996, one of 0.7 but for 10⁻⁷."""

ESTIMATE_MARGIN = 0.15
"""A signature's estimate of Jaccard is off by more than this in one pair of 1,500 (σ = 0.045 for 126 hashes at 0.5)."""

# A fixed seed: the same corpora give the same clusters on every machine.
_GENERATOR = np.random.default_rng(2013)
_MULTIPLIERS = _GENERATOR.integers(1, 2**63, BANDS * ROWS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_OFFSETS = _GENERATOR.integers(0, 2**63, BANDS * ROWS, dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of positions, `left` < `right`, with their exact Jaccard similarity."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    similarity: NDArray[np.float64]

    def at_least(self, threshold: float) -> Pairs:
        """The pairs that are as alike as this, or more."""
        keep = self.similarity >= threshold
        return Pairs(self.left[keep], self.right[keep], self.similarity[keep])


def alike(sets: Sequence[Shingles], threshold: float) -> Pairs:
    """Every pair whose Jaccard similarity is at least `threshold`, in (0, 1], sorted by position."""
    filled = np.array([index for index, items in enumerate(sets) if len(items)], np.int64)
    signatures = np.array([_signature(sets[index]) for index in filled], np.uint64).reshape(-1, BANDS * ROWS)
    codes = [filled[pair] @ np.array([len(sets), 1]) for pair in _candidates(signatures, threshold - ESTIMATE_MARGIN)]
    left, right = np.divmod(np.unique(np.concatenate(codes)) if codes else np.empty(0, np.int64), max(len(sets), 1))
    similarity = np.array([jaccard(sets[a], sets[b]) for a, b in zip(left, right, strict=True)], np.float64)
    return Pairs(left, right, similarity).at_least(threshold)


def components(count: int, pairs: Pairs) -> NDArray[np.int64]:
    """A number per position; positions joined by pairs, directly or through others, share it."""
    graph = coo_array((np.ones(len(pairs.left)), (pairs.left, pairs.right)), shape=(count, count))
    numbers: NDArray[np.int64] = connected_components(graph, directed=False)[1].astype(np.int64)
    return numbers


def _signature(items: Shingles) -> NDArray[np.uint64]:
    lowest: NDArray[np.uint64] = (items[:, None] * _MULTIPLIERS + _OFFSETS).min(axis=0)
    return lowest


def _candidates(signatures: NDArray[np.uint64], estimate: float) -> Iterator[NDArray[np.int64]]:
    """Index pairs, shape (n, 2), that share a band and whose signatures agree in at least that share of places."""
    for band in range(BANDS):
        columns = np.ascontiguousarray(signatures[:, band * ROWS : (band + 1) * ROWS])
        for group in _groups(columns):
            for position, first in enumerate(group[:-1]):
                others = group[position + 1 :]
                near = others[(signatures[others] == signatures[first]).mean(axis=1) >= estimate]
                yield np.column_stack([np.full(len(near), first), near])


def _groups(columns: NDArray[np.uint64]) -> Iterator[NDArray[np.int64]]:
    """Ascending positions of equal rows, for every row that occurs more than once."""
    if not len(columns):
        return
    keys = columns.view([("", columns.dtype)] * columns.shape[1]).ravel()
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.r_[True, keys[order][1:] != keys[order][:-1]])
    for group in np.split(order, starts[1:]):
        if len(group) > 1:
            yield group
