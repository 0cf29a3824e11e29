"""Writes the next intelligence store beside the one in use, and puts it in its place in one step.

What an update brings waits in a temporary SQLite table, is read back in the order of the store, and is merged with
the store as it was: memory stays the same however many indicators there are.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from heapq import merge
from itertools import islice
from pathlib import Path
from typing import IO, Any

from seg_ml.domain.errors import ConfigError
from seg_ml.signatures.intel_format import (
    HEADER,
    KEY_BITS,
    KEYS_PER_BUCKET,
    MAGIC,
    MOST_BUCKET_BITS,
    PLACE,
    Catalogue,
    Row,
    Snapshot,
    key_of,
    packed,
)
from seg_ml.signatures.intel_store import Indicator, Mute

BATCH = 20_000
BLOCK = 1 << 20
_TABLE = """create table incoming (key integer, source text, kind text, value text, first text, last text, expires text,
note text)"""
_ADD = "insert into incoming values (?, ?, ?, ?, ?, ?, ?, ?)"
_ORDERED = """select key, source, kind, value, 1, first, last, expires, note from incoming
order by key, source, kind, value, last"""


class IntelWriter:
    """Builds the next store. Nothing is changed where the block raises."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.expired = 0
        self._day = ""
        self._mutes: dict[tuple[str, str], tuple[str, str]] = {}
        self._reliability: dict[str, str] = {}
        self._state: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> IntelWriter:
        """Begin with what the store holds.

        Raises:
            ConfigError: another process is updating the store, or the file is none.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = _locked(self._beside("lock"))
        try:
            for name in ("incoming", "next", "keys", "places"):  # what an update that was killed left behind
                self._beside(name).unlink(missing_ok=True)
            self._before = Snapshot(self.path) if self.path.exists() else None
        except ConfigError:
            os.close(self._lock)
            raise
        if self._before is not None:
            known = self._before.catalogue
            self._mutes, self._reliability = dict(self._before.mutes), dict(known.reliability)
            self._state = {source: dict(state) for source, state in known.state.items()}
        self._incoming = sqlite3.connect(self._beside("incoming"), isolation_level=None)
        # Nobody reads this file but us, and nobody misses it after a crash.
        self._incoming.executescript("pragma journal_mode = memory; pragma synchronous = off; pragma temp_store = file")
        self._incoming.execute(_TABLE)
        self._incoming.execute("begin")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        try:
            if kind is None:
                self._write()
        finally:
            self._incoming.close()
            for name in ("incoming", "next", "keys", "places"):
                self._beside(name).unlink(missing_ok=True)
            os.close(self._lock)

    def add(self, indicators: Iterable[Indicator]) -> int:
        """Add or refresh indicators, a batch at a time. Returns how many; where reading raises, none are added."""
        self._incoming.execute("savepoint source")
        count = 0
        try:
            for batch in _batches(indicators):
                self._incoming.executemany(_ADD, map(_values, batch))
                count += len(batch)
        except BaseException:
            self._incoming.execute("rollback to source")
            raise
        finally:
            self._incoming.execute("release source")
        return count

    def drop_expired(self, day: str) -> None:
        """Leave out indicators and mutes whose day has come; `expired` says how many indicators, once written."""
        self._day = day
        self._mutes = {key: rest for key, rest in self._mutes.items() if rest[1] > day}

    def mute(self, mute: Mute) -> None:
        """Keep an indicator from being reported."""
        self._mutes[(mute.kind.value, mute.value)] = (mute.reason, mute.until)

    def unmute(self, kind: str, value: str) -> bool:
        """Report it again. Whether it was muted."""
        return self._mutes.pop((kind, value), None) is not None

    def note(self, source: str, reliability: str, state: Mapping[str, Any]) -> None:
        """What is to be known about a source: how far it is to be believed, and where its next update begins."""
        self._reliability[source] = reliability
        self._state[source] = dict(state)

    def state(self, source: str) -> Mapping[str, Any]:
        """What the last update of a source left to be known."""
        return self._state.get(source, {})

    def _write(self) -> None:
        parts = {name: self._beside(name) for name in ("next", "keys", "places")}
        with parts["next"].open("wb") as file, parts["keys"].open("wb") as keys, parts["places"].open("wb") as places:
            file.write(bytes(HEADER.size))
            lists = self._records(file, keys, places)
        with parts["next"].open("r+b") as file:
            file.seek(0, os.SEEK_END)
            for name in ("keys", "places"):
                setattr(lists, name, file.tell())
                with parts[name].open("rb") as part:
                    shutil.copyfileobj(part, file, BLOCK)
            lists.buckets = file.tell()
            with parts["keys"].open("rb") as part:
                _write_buckets(file, part, lists.count, lists.bits)
            place, encoded = file.tell(), lists.encoded()
            file.write(encoded)
            file.seek(0)
            file.write(HEADER.pack(MAGIC, place, len(encoded)))
            file.flush()
            os.fsync(file.fileno())
        parts["next"].replace(self.path)
        _sync_folder(self.path.parent)

    def _records(self, file: IO[bytes], keys: IO[bytes], places: IO[bytes]) -> Catalogue:
        counts, newest, numbers = Counter[tuple[str, str]](), dict[tuple[str, str], str](), dict[str, int]()
        place = HEADER.size
        for row in _merged(self._before.rows() if self._before is not None else (), self._rows()):
            if self._day and row.expires <= self._day:
                self.expired += 1
                continue
            record = packed(row, numbers.setdefault(row.source, len(numbers)))
            file.write(record)
            keys.write(PLACE.pack(row.key))
            places.write(PLACE.pack(place))
            place += len(record)
            name = (row.source, row.kind)
            counts[name] += 1
            newest[name] = max(newest.get(name, ""), row.last)
        total = counts.total()
        return Catalogue(
            count=total,
            bits=min((total // KEYS_PER_BUCKET).bit_length(), MOST_BUCKET_BITS),
            sources=list(numbers),
            reliability=self._reliability,
            mutes=[(*key, *rest) for key, rest in self._mutes.items()],
            counts=[(*name, count, newest[name]) for name, count in sorted(counts.items())],
            state=self._state,
        )

    def _rows(self) -> Iterator[Row]:
        return map(Row._make, self._incoming.execute(_ORDERED))

    def _beside(self, name: str) -> Path:
        return self.path.with_name(f".{self.path.name}.{name}")


def _merged(before: Iterable[Row], incoming: Iterable[Row]) -> Iterator[Row]:
    """Both in order; rows of one source and value become one, which keeps the earliest day and the latest news."""
    pending: Row | None = None
    for row in merge(before, incoming):
        if pending is not None and row[:4] == pending[:4]:
            first, last = min(pending.first, row.first), max(pending.last, row.last)
            pending = row._replace(first=first, last=last, fresh=0)
            continue
        if pending is not None:
            yield pending
        pending = row
    if pending is not None:
        yield pending


def _write_buckets(file: IO[bytes], keys: IO[bytes], count: int, bits: int) -> None:
    """For each value of the leading bits the row at which it begins, and the number of rows at the end."""
    shift, bucket, row = KEY_BITS - bits, 0, 0
    while block := keys.read(BLOCK):
        for (key,) in PLACE.iter_unpack(block):
            wanted = key >> shift
            if wanted >= bucket:
                file.write(row.to_bytes(4, "little") * (wanted - bucket + 1))
                bucket = wanted + 1
            row += 1
    file.write(count.to_bytes(4, "little") * ((1 << bits) + 1 - bucket))


def _values(item: Indicator) -> tuple[int, str, str, str, str, str, str, str]:
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


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
