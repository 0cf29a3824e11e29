"""Windows images (WIM): names and contents where nothing in them is packed, as 7-Zip writes them.

`dism` and wimlib pack the list of files as well (XPRESS, LZX, LZMS), for which no reader is among the dependencies:
such an image says how many files it holds, and nothing of their names.
Source: Microsoft, "Windows Imaging File Format (WIM)", 2007.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from seg_ml.domain.message import Part
from seg_ml.signatures.unpack.archive import Archive, Draft
from seg_ml.signatures.unpack.limits import Budget, TooMuch

_TABLE_AT, _XML_AT = 48, 72
"""Where the header says where the table of resources lies, and the description in XML."""

_RESOURCE = struct.Struct("<QQQ")
_ENTRY = struct.Struct("<QQQHI20s")
_FILE = struct.Struct("<QIiQ")
_METADATA, _PACKED, _SIZE = 0x02, 0x04 | 0x10, (1 << 56) - 1
_HASH_AT, _NAME_LENGTH_AT, _NAME_AT = 64, 100, 102
_FOLDER = 0x10
_COUNT = re.compile(r"<FILECOUNT>(\d{1,9})</FILECOUNT>")
_MAX_XML = 1 << 16
_MAX_DEPTH = 40


@dataclass(frozen=True, slots=True)
class _Resource:
    start: int
    size: int
    flags: int


def read_wim(part: Part, _: tuple[str, ...], budget: Budget) -> Archive:
    """The files of every image inside; `unread` where the lists of files or the contents are packed."""
    draft = Draft(part, budget)
    lists, contents = _table(part.content)
    try:
        for found in lists:
            if found.flags & _PACKED:
                draft.unread = f"wim, packed, with {_told(part.content)}"
            else:
                _list(draft, part.content[found.start : found.start + found.size], contents)
    except TooMuch as limit:
        draft.exceed(limit)
    if not draft.names and not draft.unread:
        draft.unread = "wim, which is not opened"
    return draft.done()


def _table(content: bytes) -> tuple[list[_Resource], dict[bytes, _Resource]]:
    """The lists of files, and contents by their SHA-1."""
    lists: list[_Resource] = []
    contents: dict[bytes, _Resource] = {}
    if len(content) >= _TABLE_AT + _RESOURCE.size:
        sized, start, _ = _RESOURCE.unpack_from(content, _TABLE_AT)
        table = content[start : start + (sized & _SIZE)] if not (sized >> 56) & _PACKED else b""
        for entry, offset, _, _, _, digest in _ENTRY.iter_unpack(table[: len(table) // _ENTRY.size * _ENTRY.size]):
            found = _Resource(offset, entry & _SIZE, entry >> 56)
            if found.flags & _METADATA:
                lists.append(found)
            else:
                contents[digest] = found
    return lists, contents


def _list(draft: Draft, tree: bytes, contents: dict[bytes, _Resource]) -> None:
    for name, digest in _files(tree, draft.budget):
        draft.names.append(name)
        found = contents.get(digest)
        if found is not None and found.flags & _PACKED:
            draft.unread = "wim, whose files are packed"
        elif found is not None:
            file = draft.part.content[found.start : found.start + found.size]
            draft.budget.take(len(file))
            draft.add(name, file)


def _files(tree: bytes, budget: Budget) -> Iterator[tuple[str, bytes]]:
    """(path, SHA-1) of each file, folders opened breadth first, each once.

    Raises:
        TooMuch: there are more entries than the limit.
    """
    security = int.from_bytes(tree[:4], "little")
    folders, known = [(max(8, security + -security % 8), "", 0)], set[int]()
    while folders:
        at, path, depth = folders.pop(0)
        if at in known or depth > _MAX_DEPTH:
            continue
        known.add(at)
        while at + _NAME_AT <= len(tree):
            size, attributes, _, below = _FILE.unpack_from(tree, at)
            if size < _NAME_AT:
                break
            budget.member()
            length = int.from_bytes(tree[at + _NAME_LENGTH_AT : at + _NAME_AT], "little")
            name = tree[at + _NAME_AT : at + _NAME_AT + length].decode("utf-16-le", "replace")
            if attributes & _FOLDER:
                folders.append((below, f"{path}{name}/" if name else "", depth + 1))
            else:
                yield f"{path}{name}", tree[at + _HASH_AT : at + _HASH_AT + 20]
            at = _behind_streams(tree, at + size + -size % 8, int.from_bytes(tree[at + 96 : at + 98], "little"))


def _behind_streams(tree: bytes, at: int, count: int) -> int:
    """Named streams of a file follow it."""
    for _ in range(count):
        size = int.from_bytes(tree[at : at + 8], "little")
        if size == 0:
            break
        at += size + -size % 8
    return at


def _told(content: bytes) -> str:
    """How many files the description counts."""
    sized, start, _ = _RESOURCE.unpack_from(content, _XML_AT) if len(content) >= _XML_AT + 24 else (0, 0, 0)
    xml = content[start : start + min(sized & _SIZE, _MAX_XML)].decode("utf-16", "replace")
    counts = [int(number) for number in _COUNT.findall(xml)]
    return f"{sum(counts):,} files" if counts else "files that it does not count"
