"""A circuit breaker: after failures in a row nobody waits for a dead service, and one request tries it again."""

from __future__ import annotations

import time
from collections.abc import Callable


class Breaker:
    """Open after `failures` in a row; after `seconds` it lets one caller through."""

    def __init__(self, failures: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._failures = failures
        self._seconds = seconds
        self._clock = clock
        self._count = 0
        self._closed_again_at = 0.0

    @property
    def open(self) -> bool:
        """Whether callers are turned away at this moment."""
        return self._count >= self._failures and self._clock() < self._closed_again_at

    def allow(self) -> bool:
        """Whether the caller may try. A `True` while failing makes the others wait another `seconds`."""
        if self._count < self._failures:
            return True
        if self.open:
            return False
        self._closed_again_at = self._clock() + self._seconds
        return True

    def success(self) -> None:
        """The service answered."""
        self._count = 0

    def failure(self) -> None:
        """It did not."""
        self._count += 1
        if self._count >= self._failures:
            self._closed_again_at = self._clock() + self._seconds
