"""Indicators of threats in one file: replaced as a whole, read by mapping it, without restart.

`seg_ml.signatures.intel_format` says why a look-up costs the same at ten million indicators, and
`seg_ml.signatures.intel_writer` how the file comes about. Readers notice a replaced file by its identity.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any

from seg_ml.domain.errors import ConfigError
from seg_ml.signatures.intel_format import Row, Snapshot


class Kind(StrEnum):
    """What an indicator names. No detector asks for `sha1` (of certificates): it is kept to be looked up by people."""

    DOMAIN = "domain"
    URL = "url"
    IP = "ip"
    SHA256 = "sha256"
    EMAIL = "email"
    SHA1 = "sha1"


@dataclass(frozen=True, slots=True)
class Indicator:
    """Something known to be bad. Dates are ISO 8601 days; `expires` is the first day on which it counts no more.

    `reliability` is that of its source: `high`, `medium` or `low`.
    """

    kind: Kind
    value: str
    source: str
    first_seen: str
    last_seen: str
    expires: str
    note: str = ""
    reliability: str = "high"


@dataclass(frozen=True, slots=True)
class Mute:
    """A false positive that is not to be reported until a day, and why."""

    kind: Kind
    value: str
    reason: str
    until: str


def today() -> str:
    """The day in UTC."""
    return datetime.now(UTC).date().isoformat()


def is_day(text: str) -> bool:
    """Whether a text is a day as the store writes it."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10


class IntelStore:
    """Read access for look-ups; safe to use from several threads."""

    def __init__(self, path: Path, recheck: float = 1.0) -> None:
        """Open a store; `recheck` is how many seconds a replaced file may go unnoticed.

        Raises:
            ConfigError: there is no store of this form at `path`.
        """
        self.path = path
        self.recheck = recheck
        self._lock = Lock()
        self._identity = _identity(path)
        self._snapshot = Snapshot(path)
        self._checked = monotonic()

    def find(self, kind: Kind, value: str, day: str | None = None) -> tuple[Indicator, ...]:
        """Indicators that count on a day (today), none where the value is muted."""
        snapshot = self._current()
        rows = list(snapshot.find(kind, value))
        if not rows:
            return ()
        day = day or today()
        muted = snapshot.mutes.get((kind, value))
        if muted is not None and muted[1] > day:
            return ()
        return tuple(self._indicator(row, snapshot) for row in rows if row.expires > day)

    def everything(self, kind: Kind, value: str) -> tuple[Indicator, ...]:
        """Indicators of a value, also expired and muted ones."""
        snapshot = self._current()
        return tuple(self._indicator(row, snapshot) for row in snapshot.find(kind, value))

    def indicators(self) -> Iterator[Indicator]:
        """Every indicator, in the order of the file, which is none that means anything."""
        snapshot = self._current()
        return (self._indicator(row, snapshot) for row in snapshot.rows())

    def mutes(self) -> tuple[Mute, ...]:
        """Every mute, by end."""
        mutes = (Mute(Kind(kind), value, *rest) for (kind, value), rest in self._current().mutes.items())
        return tuple(sorted(mutes, key=lambda mute: (mute.until, mute.value)))

    def counts(self) -> dict[tuple[str, str], tuple[int, str]]:
        """(source, kind) to (indicators, newest day on which one was seen)."""
        return {(source, kind): (count, newest) for source, kind, count, newest in self._current().catalogue.counts}

    def state(self) -> Mapping[str, Mapping[str, Any]]:
        """What each source's last update left to be known at the next."""
        return self._current().catalogue.state

    def reliability(self) -> Mapping[str, str]:
        """How far each source is to be believed."""
        return self._current().catalogue.reliability

    @staticmethod
    def _indicator(row: Row, snapshot: Snapshot) -> Indicator:
        reliability = snapshot.catalogue.reliability.get(row.source, "high")
        return Indicator(Kind(row.kind), row.value, row.source, row.first, row.last, row.expires, row.note, reliability)

    def _current(self) -> Snapshot:
        """The file as it is now, looked for once in `recheck` seconds."""
        if monotonic() >= self._checked + self.recheck:
            with self._lock:
                identity = _identity(self.path)
                if identity != self._identity:
                    self._snapshot, self._identity = Snapshot(self.path), identity
                self._checked = monotonic()
        return self._snapshot


def _identity(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError as error:
        raise ConfigError(f"intel store {path}: {error}; `seg-ml intel update` makes one") from error
    return status.st_ino, status.st_mtime_ns
