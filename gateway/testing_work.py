"""What a message may do to a worker, for tests: each stands where `scan` does, and never comes back."""

from __future__ import annotations

import os
import time
from typing import Any


def dies(raw: bytes, bounds: Any, archives: Any) -> None:
    """As a parser in C does on what it never met."""
    os.abort()


def swells(raw: bytes, bounds: Any, archives: Any) -> None:
    """Beyond the limit on memory."""
    held = [bytes(16 << 20)]
    while held:
        held.append(held[-1] + b"x")


def spins(raw: bytes, bounds: Any, archives: Any) -> None:
    """Beyond the limit on CPU time."""
    while True:
        pass


def hangs(raw: bytes, bounds: Any, archives: Any) -> None:
    """Beyond the deadline."""
    time.sleep(3600)


def raises(raw: bytes, bounds: Any, archives: Any) -> None:
    """A bug of ours."""
    raise KeyError("secret of the parser")
