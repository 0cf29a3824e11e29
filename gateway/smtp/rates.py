"""Rate limits: a bucket a client that fills at a steady rate, in memory, bounded in number."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

MOST_BUCKETS = 100_000


class Rate:
    """So many a minute, with as many saved up at most. A rate of 0 allows everything."""

    def __init__(self, per_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_minute
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allow(self, key: str) -> bool:
        """Take one out of the bucket of this key; whether there was one."""
        if not self._rate:
            return True
        level, now = self._level(key), self._clock()
        self._buckets.pop(key, None)
        self._buckets[key] = (level - 1 if level >= 1 else level, now)
        if len(self._buckets) > MOST_BUCKETS:
            self._buckets.popitem(last=False)
        return level >= 1

    def left(self, key: str) -> bool:
        """Whether there is one to take."""
        return not self._rate or self._level(key) >= 1

    def _level(self, key: str) -> float:
        now = self._clock()
        level, since = self._buckets.get(key, (self._rate, now))
        return min(self._rate, level + (now - since) * self._rate / 60)
