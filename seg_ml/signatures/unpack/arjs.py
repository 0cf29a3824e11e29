"""ARJ archives: names and encryption from the headers, contents of the files that were stored without packing.

Source: ARJ's `TECHNOTE.TXT`, "ARJ archive file header record structure".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from seg_ml.domain.message import Part
from seg_ml.signatures.unpack.archive import Archive, Draft
from seg_ml.signatures.unpack.limits import Budget, TooMuch

_MARK = b"\x60\xea"
_FIXED = struct.Struct("<BBBBBBBBIII")
"""Size of the first header, two versions, system, flags, method, type, one spare; time, packed and original size."""

_MAX_HEADER = 2600
_UNREAD = "arj, which is not opened"
_GARBLED, _STORED = 0x01, 0
_MAIN, _FOLDER, _LABEL = 2, 3, 4


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    kind: int
    is_encrypted: bool
    method: int
    content: bytes


def read_arj(part: Part, _: tuple[str, ...], budget: Budget) -> Archive:
    """The files of an ARJ archive by name; those that are packed stay closed, and the archive `unread`."""
    draft = Draft(part, budget)
    try:
        for entry in _entries(draft):
            budget.member()
            if entry.kind in (_MAIN, _FOLDER, _LABEL):
                continue
            draft.names.append(entry.name)
            if entry.method == _STORED and not entry.is_encrypted:
                budget.take(len(entry.content))
                draft.add(entry.name, entry.content)
                continue
            draft.unread = _UNREAD  # no password opens it here
            if entry.is_encrypted:
                draft.encrypted.append(entry.name)
    except TooMuch as limit:
        draft.exceed(limit)
    if not draft.names:
        draft.unread = _UNREAD
    return draft.done()


def _entries(draft: Draft) -> Iterator[_Entry]:
    content, at = draft.part.content, 0
    while content[at : at + 2] == _MARK:
        size = int.from_bytes(content[at + 2 : at + 4], "little")
        if size == 0:
            return
        head = content[at + 4 : at + 4 + size]
        if size > _MAX_HEADER or len(head) < _FIXED.size:
            break
        first, _, _, _, flags, method, kind, _, _, packed, _ = _FIXED.unpack_from(head)
        start = _behind_extensions(content, at + 4 + size + 4)  # a checksum ends the header
        held = 0 if kind == _MAIN else packed
        name = head[first:].partition(b"\0")[0].decode("cp437").replace("\\", "/")
        yield _Entry(name, kind, bool(flags & _GARBLED), method, content[start : start + held])
        at = start + held
    draft.damage = draft.damage or "the list of files has no end"


def _behind_extensions(content: bytes, at: int) -> int:
    """Extended headers, which nobody writes, each with a checksum; an empty one is the last."""
    while size := int.from_bytes(content[at : at + 2], "little"):
        at += 2 + size + 4
    return at + 2
