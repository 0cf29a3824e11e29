"""What the store needs in between: is there room, and what is too old."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from gateway.store import greylist, later, policies, quarantine
from gateway.store.blobs import Blobs
from gateway.store.database import Database

DAY = 86_400.0
BLOB_GRACE = 3_600.0
GREYLIST_DAYS = 90.0


class Room:
    """Whether messages could be recorded and held now; looks at the disk once a second at most."""

    def __init__(self, folder: Path, minimum_free: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._minimum = minimum_free
        self._clock = clock
        self._looked_at = float("-inf")
        self._enough = True

    def __call__(self) -> bool:
        """Whether there is room."""
        now = self._clock()
        if now - self._looked_at >= 1.0:
            self._looked_at = now
            self._enough = self._look()
        return self._enough

    def _look(self) -> bool:
        try:
            disk = os.statvfs(self._folder)
        except OSError:
            return False
        return disk.f_bavail * disk.f_frsize >= self._minimum and os.access(self._folder, os.W_OK)


def clean(database: Database, blobs: Blobs, *, trace_days: int, quarantine_days: int) -> int:
    """Forget what is too old, then blobs that nobody needs. Returns how many blobs went.

    Raises:
        StoreError: the store cannot be used.
    """
    now = time.time()
    limits = {"trace_before": now - trace_days * DAY, "holds_before": now - quarantine_days * DAY}
    database.write_now(lambda connection: quarantine.expire(connection, **limits))
    database.write_now(lambda connection: greylist.expire(connection, GREYLIST_DAYS))
    database.write_now(later.expire)
    database.write_now(policies.expire)
    # A blob is written before its row: the young ones may be waiting for theirs. Collected first, looked
    # up after, so that a row that appears in between saves its blob.
    old = list(blobs.older_than(now - BLOB_GRACE))
    needed = database.read_now(quarantine.blobs_in_use)
    unused = [digest for digest in old if digest not in needed]
    for digest in unused:
        blobs.remove(digest)
    return len(unused)
