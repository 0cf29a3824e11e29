"""Small files of NTFS, which lie inside the records of its table of files, with their names.

A record begins with `FILE` at the start of a sector; the last two octets of each of its sectors stand in an array
at its head and are put back. Only what is in use counts: nobody opens what was deleted.
Source: Windows Internals, 7th edition, part 2, chapter 11 (file records, resident attributes, update sequence).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

SECTOR = 512
MAX_RECORD = 4096
_HEAD = struct.Struct("<4sHH12xHH")
"""Mark, update sequence and its length, the first attribute, flags."""

_ATTRIBUTE = struct.Struct("<IIBBHHHIH")
"""Type, length, whether it lies elsewhere, name, its place, flags, number; of those that lie here size and place."""

_NAME, _DATA, _END = 0x30, 0x80, 0xFFFFFFFF
_IN_USE, _IS_FOLDER = 1, 2
_DOS = 2
"""Namespace of the names with eight letters and three."""

_MAX_ATTRIBUTES = 64
_OWN = 24
"""Records that NTFS keeps for itself."""

_FIRST = re.compile(rb"F")


@dataclass(frozen=True, slots=True)
class ResidentFile:
    """A file inside a record, which begins at `start` of the image and ends at `end`."""

    start: int
    end: int
    name: str
    content: bytes


def resident_files(image: bytes) -> Iterator[ResidentFile]:
    """The files that lie in records, in the order of the image."""
    free = 0
    for match in _FIRST.finditer(image[::SECTOR]):
        at = match.start() * SECTOR
        if at >= free and image.startswith(b"FILE", at):
            record = _mended(image[at : at + MAX_RECORD])
            found = _file(record) if record else None
            if found is not None:
                free = at + len(record)
                yield ResidentFile(at, free, *found)


def _mended(record: bytes) -> bytes:
    """The record with its octets put back, empty where the array does not fit it."""
    if len(record) < 48:
        return b""
    _, place, count, _, _ = _HEAD.unpack_from(record)
    size = (count - 1) * SECTOR
    mark = record[place : place + 2]
    if not SECTOR <= size <= len(record) or place + 2 * count > SECTOR - 2:
        return b""
    mended = bytearray(record[:size])
    for number in range(1, count):
        end = number * SECTOR
        if mended[end - 2 : end] != mark:
            return b""  # written in part, or no record
        mended[end - 2 : end] = record[place + 2 * number : place + 2 * number + 2]
    return bytes(mended)


def _file(record: bytes) -> tuple[str, bytes] | None:
    _, _, _, first, flags = _HEAD.unpack_from(record)
    number = int.from_bytes(record[44:48], "little")
    if not flags & _IN_USE or flags & _IS_FOLDER or number < _OWN:
        return None
    name, content = "", None
    for kind, is_named, value in _attributes(record, first):
        if kind == _NAME and len(value) > 66 and (not name or value[65] != _DOS):
            name = value[66 : 66 + 2 * value[64]].decode("utf-16-le", "replace")
        elif kind == _DATA and not is_named:
            content = value
    return (name, content) if name and content else None


def _attributes(record: bytes, at: int) -> Iterator[tuple[int, bool, bytes]]:
    """(type, whether it has a name, value) of those that lie in the record."""
    for _ in range(_MAX_ATTRIBUTES):
        if at + _ATTRIBUTE.size > len(record):
            return
        kind, length, is_elsewhere, name, _, _, _, size, place = _ATTRIBUTE.unpack_from(record, at)
        if kind == _END or length < _ATTRIBUTE.size:
            return
        if not is_elsewhere:
            yield kind, bool(name), record[at + place : min(at + place + size, at + length)]
        at += length
