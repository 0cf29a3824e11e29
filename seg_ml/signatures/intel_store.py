"""Indicators of threats in one SQLite file: written once, replaced atomically, read without restart.

A look-up is one search in a B-tree by the digest of (kind, value), so it costs the same at ten million rows, and
loading streams. Readers notice a replaced file by its identity and open it anew.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from threading import local
from time import monotonic

from seg_ml.domain.errors import ConfigError

SCHEMA = 1
BATCH = 20_000
MMAP_BYTES = 4 << 30
"""Address space, not memory: the kernel keeps of it what is asked for often."""

_TABLES = """
create table if not exists indicator (
  key integer, source text, kind text not null, value text not null, first_seen text not null, last_seen text not null,
  expires text not null, note text not null, primary key (key, source)
) without rowid;
create table if not exists muted (
  key integer primary key, kind text not null, value text not null, reason text not null, until text not null
) without rowid;
"""
# Rows are appended first and merged in key order: a B-tree filled in random order reads back most of itself.
_STAGING = "create temporary table incoming as select * from indicator where 0"
_STAGE = "insert into incoming values (?, ?, ?, ?, ?, ?, ?, ?)"
_MERGE = """
insert into indicator select * from incoming where true order by key, source
on conflict (key, source) do update set
  first_seen = min(first_seen, excluded.first_seen), last_seen = max(last_seen, excluded.last_seen),
  expires = excluded.expires, note = excluded.note
"""


class Kind(StrEnum):
    """What an indicator names."""

    DOMAIN = "domain"
    URL = "url"
    IP = "ip"
    SHA256 = "sha256"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Indicator:
    """Something known to be bad. Dates are ISO 8601 days; `expires` is the first day on which it counts no more."""

    kind: Kind
    value: str
    source: str
    first_seen: str
    last_seen: str
    expires: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Mute:
    """A false positive that is not to be reported until a day, and why."""

    kind: Kind
    value: str
    reason: str
    until: str


def key_of(kind: str, value: str) -> int:
    """The key of an indicator: 63 bits of its digest. Hits compare the value itself as well."""
    digest = blake2b(f"{kind}\0{value}".encode("utf-8", "surrogateescape"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def today() -> str:
    """The day in UTC."""
    return datetime.now(UTC).date().isoformat()


class IntelWriter:
    """Builds the next store beside the one in use and puts it in its place in one step."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._next = path.with_name(f".{path.name}.next")

    def __enter__(self) -> IntelWriter:
        """Begin with what the store holds.

        Raises:
            ConfigError: another process is updating the store.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = _locked(self.path.with_name(f".{self.path.name}.lock"))
        self._next.unlink(missing_ok=True)  # what an update that was killed left behind
        self._connection = sqlite3.connect(self._next)
        # Nobody reads the file before it is complete, and a crash leaves the old one in place.
        self._connection.executescript("pragma journal_mode = off; pragma synchronous = off; pragma temp_store = file;")
        if self.path.exists():
            with _connect(self.path) as current:
                current.backup(self._connection)
        self._connection.executescript(_TABLES)
        self._connection.execute(f"pragma user_version = {SCHEMA}")
        self._connection.execute(_STAGING)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if kind is None:
            self._connection.commit()
        self._connection.close()
        if kind is None:
            _sync(self._next)
            self._next.replace(self.path)
        else:
            self._next.unlink(missing_ok=True)
        os.close(self._lock)

    def add(self, indicators: Iterable[Indicator]) -> int:
        """Add or refresh indicators, a batch at a time. Returns how many were read."""
        count = 0
        for batch in _batches(indicators):
            self._connection.executemany(_STAGE, map(_row, batch))
            count += len(batch)
        self._connection.execute(_MERGE)
        self._connection.execute("delete from incoming")
        return count

    def drop_expired(self, day: str) -> int:
        """Remove indicators and mutes whose day has come."""
        self._connection.execute("delete from muted where until <= ?", (day,))
        return self._connection.execute("delete from indicator where expires <= ?", (day,)).rowcount

    def mute(self, mute: Mute) -> None:
        """Keep an indicator from being reported."""
        row = (key_of(mute.kind, mute.value), mute.kind, mute.value, mute.reason, mute.until)
        self._connection.execute("insert or replace into muted values (?, ?, ?, ?, ?)", row)


class IntelStore:
    """Read access for look-ups; safe to use from several threads."""

    def __init__(self, path: Path, recheck: float = 1.0) -> None:
        """Open a store; `recheck` is how many seconds a replaced file may go unnoticed.

        Raises:
            ConfigError: there is no store of this schema at `path`.
        """
        self.path = path
        self.recheck = recheck
        self._thread = local()
        self._connection()

    def find(self, kind: Kind, value: str, day: str | None = None) -> tuple[Indicator, ...]:
        """Indicators that count on a day (today), none where the value is muted."""
        key, day = key_of(kind, value), day or today()
        rows = self._connection().execute(
            "select kind, value, source, first_seen, last_seen, expires, note from indicator where key = ?", (key,)
        )
        found = tuple(
            Indicator(Kind(row[0]), *row[1:]) for row in rows if row[0] == kind and row[1] == value and row[5] > day
        )
        return () if found and self._is_muted(key, day) else found

    def mutes(self) -> tuple[Mute, ...]:
        """Every mute, by end."""
        rows = self._connection().execute("select kind, value, reason, until from muted order by until, value")
        return tuple(Mute(Kind(row[0]), *row[1:]) for row in rows)

    def counts(self) -> dict[tuple[str, str], tuple[int, str]]:
        """(source, kind) to (indicators, newest day on which one was seen)."""
        rows = self._connection().execute(
            "select source, kind, count(*), max(last_seen) from indicator group by source, kind order by source, kind"
        )
        return {(source, kind): (count, newest) for source, kind, count, newest in rows}

    def _is_muted(self, key: int, day: str) -> bool:
        row = self._connection().execute("select until from muted where key = ?", (key,)).fetchone()
        return row is not None and row[0] > day

    def _connection(self) -> sqlite3.Connection:
        """The connection of this thread, opened anew where the file is another one than before."""
        now = monotonic()
        if now >= getattr(self._thread, "checked", 0.0) + self.recheck:
            identity = self._identity()
            if getattr(self._thread, "identity", None) != identity:
                self._thread.connection = _connect(self.path)
                self._thread.identity = identity
            self._thread.checked = now
        connection: sqlite3.Connection = self._thread.connection
        return connection

    def _identity(self) -> tuple[int, int]:
        try:
            status = self.path.stat()
        except OSError as error:
            raise ConfigError(f"intel store {self.path}: {error}; `seg-ml intel update` makes one") from error
        return status.st_ino, status.st_mtime_ns


def _connect(path: Path) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        connection.execute(f"pragma mmap_size = {MMAP_BYTES}")
        version = connection.execute("pragma user_version").fetchone()[0]
    except sqlite3.Error as error:
        raise ConfigError(f"intel store {path}: {error}") from error
    if version != SCHEMA:
        connection.close()
        raise ConfigError(f"intel store {path}: schema {version}, expected {SCHEMA}; build it anew")
    return connection


def _row(item: Indicator) -> tuple[int, str, str, str, str, str, str, str]:
    key = key_of(item.kind, item.value)
    return key, item.source, item.kind, item.value, item.first_seen, item.last_seen, item.expires, item.note


def _batches(items: Iterable[Indicator]) -> Iterator[list[Indicator]]:
    iterator = iter(items)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def _locked(path: Path) -> int:
    """A descriptor that holds the lock until it is closed, or its process ends."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise ConfigError(f"{path}: another process is updating the store; try again when it is done") from error
    return descriptor


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_day(text: str) -> bool:
    """Whether a text is a day as the store writes it."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10
