"""Tokens of many messages, counted once, for all who learn from some of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int32]


@dataclass(frozen=True)
class Bag:
    """`counts`: sparse by rows, shape (messages, tokens); `names` (tokens,): the token of a column, sorted."""

    counts: Any
    names: NDArray[np.object_]

    @classmethod
    def of(cls, documents: Iterable[Iterable[str]], min_messages: int = 1) -> Bag:
        """Count the tokens of each message; what is in fewer than `min_messages` of them is left out."""
        from scipy.sparse import csr_array

        found: defaultdict[str, int] = defaultdict()
        found.default_factory = found.__len__
        numbers, counts, ends = _counted(documents, found)
        often = np.bincount(numbers, minlength=len(found)) >= min_messages
        names = sorted(name for name, kept in zip(found, often, strict=True) if kept)
        place = np.zeros(len(found), np.int32)
        place[[found[name] for name in names]] = np.arange(len(names), dtype=np.int32)
        kept = often[numbers]
        # liblinear takes 32-bit indices only.
        indptr = np.append(np.int32(0), np.cumsum(kept, dtype=np.int32))[ends]
        table = csr_array((counts[kept], place[numbers[kept]], indptr), shape=(len(ends) - 1, len(names)))
        table.sort_indices()
        return cls(table, np.array(names, object))

    def frequencies(self) -> NDArray[np.int64]:
        """In how many messages each token is, shape (tokens,)."""
        return np.bincount(self.counts.indices, minlength=len(self.names))

    def rows(self, some: NDArray[Any]) -> Bag:
        """Some of the messages, in the order given."""
        return Bag(self.counts[some], self.names)

    def columns(self, some: NDArray[Any]) -> Bag:
        """Some of the tokens, in the order given."""
        return Bag(self.counts[:, some], self.names[some])


def _counted(documents: Iterable[Iterable[str]], found: defaultdict[str, int]) -> tuple[Counts, Counts, Counts]:
    """Numbers of the tokens and how often each is there, message after message, and where each message ends."""
    numbers, counts, ends = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)], [0]
    for tokens in documents:
        own, times = np.unique(np.fromiter(map(found.__getitem__, tokens), np.int32), return_counts=True)
        numbers.append(own)
        counts.append(times.astype(np.int32))
        ends.append(ends[-1] + len(own))
    return np.concatenate(numbers), np.concatenate(counts), np.array(ends, np.int32)
