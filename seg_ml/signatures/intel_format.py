"""How indicators lie in a file: records in the order of their keys, and beside them what finds one in a few reads.

    header | records | keys | places | buckets | catalogue

`keys` are the sorted 63-bit digests of (kind, value), `places` where their records begin, and `buckets` the rows at
which each value of a key's leading bits begins, about eight keys apart. Digests are spread evenly, so a look-up is
one read in `buckets` and one short search in `keys`, whatever the number of indicators; a value that is not there
needs nothing more, which is what a Bloom filter in front would save. The catalogue is JSON: what there is too little
of to search. Everything is little-endian, and read by mapping the file into memory: processes share its pages.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from struct import Struct
from typing import Any, NamedTuple

from seg_ml.domain.errors import ConfigError

MAGIC = b"seg intel 2\n\0\0\0\0"
HEADER = Struct("<16sQQ")
RECORD = Struct("<BHIIIHH")
"""Kind, source, first seen, last seen, expires, octets of the value, octets of the note."""

PAIR = Struct("<II")
PLACE = Struct("<Q")
KEY_BITS = 63
KEYS_PER_BUCKET = 8
MOST_BUCKET_BITS = 26
KINDS = ("domain", "url", "ip", "sha256", "email", "sha1")


class Row(NamedTuple):
    """An indicator in the order of the file. `fresh` puts what an update brings behind what is known."""

    key: int
    source: str
    kind: str
    value: str
    fresh: int
    first: str
    last: str
    expires: str
    note: str


@dataclass
class Catalogue:
    """What stands at the end of a file; the numbers are offsets, but for `count` and `bits`."""

    count: int = 0
    bits: int = 0
    keys: int = 0
    places: int = 0
    buckets: int = 0
    sources: list[str] = field(default_factory=list)
    reliability: dict[str, str] = field(default_factory=dict)
    mutes: list[tuple[str, str, str, str]] = field(default_factory=list)
    counts: list[tuple[str, str, int, str]] = field(default_factory=list)
    state: dict[str, dict[str, Any]] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """As JSON."""
        return json.dumps(asdict(self)).encode()


def key_of(kind: str, value: str) -> int:
    """The key of an indicator: 63 bits of its digest. Hits compare the value itself as well."""
    digest = blake2b(f"{kind}\0{value}".encode("utf-8", "surrogateescape"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def packed(row: Row, source: int) -> bytes:
    """A row as a record; a note is cut where it is longer than a record takes."""
    value, note = row.value.encode("utf-8", "surrogateescape"), row.note.encode("utf-8", "surrogateescape")[:800]
    days = _number(row.first), _number(row.last), _number(row.expires)
    return RECORD.pack(KINDS.index(row.kind), source, *days, len(value), len(note)) + value + note


@lru_cache(maxsize=10_000)
def _number(day: str) -> int:
    return date.fromisoformat(day).toordinal()


@lru_cache(maxsize=10_000)
def _day(number: int) -> str:
    return date.fromordinal(number).isoformat()


class Snapshot:
    """One file as it was when it was opened. Nothing in it changes: what comes later is another file."""

    def __init__(self, path: Path) -> None:
        """Map a file.

        Raises:
            ConfigError: it is no store of this form.
        """
        try:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            magic, place, size = HEADER.unpack_from(self._map)
            if magic != MAGIC or place + size != len(self._map):
                raise ValueError("of another form, or cut short; build it anew")
            self.catalogue = Catalogue(**json.loads(self._map[place : place + size]))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ConfigError(f"intel store {path}: {error}") from error
        except Exception as error:  # struct.error has no other name in common with these
            raise ConfigError(f"intel store {path}: no store") from error
        self.mutes = {(kind, value): (reason, until) for kind, value, reason, until in self.catalogue.mutes}
        self._shift = KEY_BITS - self.catalogue.bits

    def find(self, kind: str, value: str) -> Iterator[Row]:
        """The rows of a value."""
        key = key_of(kind, value)
        lists = self.catalogue
        start, end = PAIR.unpack_from(self._map, lists.buckets + 4 * (key >> self._shift))
        if start == end:
            return
        low, high = lists.keys + 8 * start, lists.keys + 8 * end
        wanted = PLACE.pack(key)
        at = self._map.find(wanted, low, high)
        while at >= 0:
            # A match that straddles two keys is none.
            if (at - low) % 8 == 0:
                (place,) = PLACE.unpack_from(self._map, lists.places + (at - lists.keys))
                row, _ = self._row(place, key)
                if row.kind == kind and row.value == value:
                    yield row
                at = self._map.find(wanted, at + 8, high)
            else:
                at = self._map.find(wanted, at + 1, high)

    def rows(self) -> Iterator[Row]:
        """Every row, in order."""
        place = HEADER.size
        for _ in range(self.catalogue.count):
            row, place = self._row(place)
            yield row

    def _row(self, place: int, key: int | None = None) -> tuple[Row, int]:
        code, source, first, last, expires, long, noted = RECORD.unpack_from(self._map, place)
        begin = place + RECORD.size
        middle, end = begin + long, begin + long + noted
        value = self._map[begin:middle].decode("utf-8", "surrogateescape")
        note = self._map[middle:end].decode("utf-8", "replace") if noted else ""
        kind = KINDS[code]
        key = key_of(kind, value) if key is None else key
        name = self.catalogue.sources[source]
        return Row(key, name, kind, value, 0, _day(first), _day(last), _day(expires), note), end
