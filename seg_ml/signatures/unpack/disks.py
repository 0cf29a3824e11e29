"""Disk images (VHD, VHDX, UDF, raw), carved: their file systems are not read, their sectors are.

A file begins at the start of a sector in every file system, and all these formats keep sectors in line (MS-VHDX
§2.5; Virtual Hard Disk Image Format Specification; ECMA-167 §3). What is looked for runs when it is opened, or is a
document that may; anything else in the image stays unread. Only small files stand elsewhere: NTFS keeps them inside
its table of files, from which they are taken with their names (`ntfs`).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from seg_ml.domain.message import Part
from seg_ml.signatures.filetypes import extensions
from seg_ml.signatures.lists import bundled
from seg_ml.signatures.unpack.archive import Archive, Draft
from seg_ml.signatures.unpack.carved_documents import FIRST, document_at
from seg_ml.signatures.unpack.foreign import read_foreign
from seg_ml.signatures.unpack.limits import Budget, TooMuch
from seg_ml.signatures.unpack.ntfs import ResidentFile, resident_files

SECTOR = 512
MAX_CARVED = 20
MAX_DOCUMENTS = 40
RUNNING = ("a program", "a shortcut", "a script")
"""How names of carved files begin that run when they are opened."""

MAX_SMALL = 1 << 16
"""Octets of a shortcut or of a script; how long they are, only the file system knows."""

MAX_HEADER = 1 << 12
"""Where the header of a program begins at the latest; linkers write it within the first kilobyte."""

_SHORTCUT = bytes.fromhex("4c0000000114020000000000c000000000000046")  # MS-SHLLINK §2.1: HeaderSize, LinkCLSID
_PE = struct.Struct("<4sHHIIIHH")  # signature and COFF header, PE format §3.3
_SECTION = struct.Struct("<16xII16x")  # where the bytes of a section lie in the file
_DIRECTORY = {0x10B: 128, 0x20B: 144}  # the certificate table's place in the optional header, for 32 and 64 bits
_SCRIPT = re.compile(
    rb"(?:\xef\xbb\xbf)?\s{0,20}(?:@echo off\b|<hta:application\b|<job\b[^<>]{0,40}>\s{0,20}<script\b"
    rb"|<script\s{1,5}language\s{0,3}=|on error resume next\b)",
    re.IGNORECASE,
)
_FIRST = re.compile(rb"[M\xef\s@<oO]")
_FIRST_OF_DOCUMENT = re.compile(rb"[" + FIRST + rb"]")
_VOLUMES, _UDF = (0x8000, 0x10000), (b"\x00NSR02", b"\x00NSR03")  # ECMA-167 §3/9.1

_Found = tuple[int, int, str, str]
"""Where it begins, how long it is, what it is, and the ending of its name."""


def read_disk(part: Part, _: tuple[str, ...], budget: Budget) -> Archive:
    """Programs, shortcuts, scripts and documents, named by the sector of the image file at which they begin.

    Small files of NTFS come first, under their own names.
    """
    draft = Draft(part, budget)
    _carve(draft, frozenset())
    return draft.done()


def read_optical(part: Part, passwords: tuple[str, ...], budget: Budget) -> Archive:
    """An ISO image by its file system; carved too where that was not read, or where UDF lies beside it.

    Windows shows the UDF side of such an image, and nothing keeps both from holding different files.
    """
    archive = read_foreign(part, passwords, budget)
    if archive.limit or not (archive.unread or _has_udf(part.content)):
        return archive
    draft = Draft(part, budget, [*archive.members], [*archive.names], unread=archive.unread)
    _carve(draft, frozenset(member.content for member in archive.members))
    return draft.done()


def _has_udf(content: bytes) -> bool:
    start, end = _VOLUMES
    return any(mark in content[start:end] for mark in _UDF)


def _carve(draft: Draft, known: frozenset[bytes]) -> None:
    content = draft.part.content
    small = _small(content)
    try:
        for file in small:
            _take(draft, file.name, file.content, known)
        for start, size, what, ending in _carved(content):
            if not any(file.start <= start < file.end for file in small):
                name = f"{what} at sector {start // SECTOR:,}{ending}"
                _take(draft, name, content[start : start + size], known)
    except TooMuch as limit:
        draft.exceed(limit)


def _take(draft: Draft, name: str, content: bytes, known: frozenset[bytes]) -> None:
    if content not in known:
        draft.budget.member()
        draft.budget.take(len(content))
        draft.names.append(name)
        draft.add(name, content)


def _small(content: bytes) -> list[ResidentFile]:
    """Files in records of NTFS, in their order; those that only lie there crowd out nothing that runs."""
    running: list[ResidentFile] = []
    lying: list[ResidentFile] = []
    for file in resident_files(content):
        chain = extensions(file.name)
        runs = bool(chain) and chain[-1] in bundled("executable_extensions.txt")
        kept, most = (running, MAX_CARVED) if runs else (lying, MAX_DOCUMENTS)
        if len(kept) < most:
            kept.append(file)
    return sorted([*running, *lying], key=lambda file: file.start)


def _carved(content: bytes) -> list[_Found]:
    """The first of each kind, in the order of the image; documents crowd out nothing that runs."""
    running = sorted([*_in_line(content), *_shortcuts(content)])[:MAX_CARVED]
    return sorted([*running, *_documents(content, running)])


def _in_line(content: bytes) -> Iterator[_Found]:
    """Programs and scripts, which stand at the start of a sector; one look at the first octet of each."""
    count, free = 0, 0
    for match in _FIRST.finditer(content[::SECTOR]):
        at = match.start() * SECTOR
        if at < free:
            continue  # inside the program before
        found = _program(content, at) or _script(content, at)
        if found is not None:
            yield found
            free = at + found[1] if found[2] == "a program" else at + SECTOR
            count += 1
            if count >= MAX_CARVED:
                return


def _documents(content: bytes, running: list[_Found]) -> Iterator[_Found]:
    """Documents, but those inside programs and inside one another."""
    programs = [(start, start + size) for start, size, what, _ in running if what == "a program"]
    count, free = 0, 0
    for match in _FIRST_OF_DOCUMENT.finditer(content[::SECTOR]):
        at = match.start() * SECTOR
        if at < free or any(start <= at < end for start, end in programs):
            continue
        found = document_at(content, at)
        if found is not None:
            yield at, *found
            free = at + found[0]
            count += 1
            if count >= MAX_DOCUMENTS:
                return


def _program(content: bytes, at: int) -> _Found | None:
    """A program of Windows: a DOS header that leads to a PE header. As long as its sections and its signature."""
    if content[at : at + 2] != b"MZ" or at + 64 > len(content):
        return None
    header = at + int.from_bytes(content[at + 0x3C : at + 0x40], "little")
    if not at + 4 <= header <= min(at + MAX_HEADER, len(content) - _PE.size):
        return None
    mark, _, sections, _, _, _, optional, _ = _PE.unpack_from(content, header)
    if mark != b"PE\0\0":
        return None
    end = _signature(content, at, header + _PE.size)
    for number in range(min(sections, 96)):  # the loader takes no more
        place = header + _PE.size + optional + number * _SECTION.size  # the table follows the optional header
        if place + _SECTION.size > len(content):
            break
        size, offset = _SECTION.unpack_from(content, place)
        end = max(end, at + offset + size)
    return at, min(end, len(content)) - at, "a program", ""


def _signature(content: bytes, at: int, optional: int) -> int:
    """Where the certificates of a signed program end, or the place of its optional header."""
    place = optional + _DIRECTORY.get(int.from_bytes(content[optional : optional + 2], "little"), len(content))
    offset, size = (int.from_bytes(content[place + skip : place + skip + 4], "little") for skip in (0, 4))
    return max(optional, at + offset + size)


def _script(content: bytes, at: int) -> _Found | None:
    if _SCRIPT.match(content, at, at + SECTOR) is None:
        return None
    return at, _until_zero(content, at), "a script", ""


def _shortcuts(content: bytes) -> Iterator[_Found]:
    at = content.find(_SHORTCUT)
    for _ in range(MAX_CARVED):
        if at < 0:
            return
        following = content.find(_SHORTCUT, at + len(_SHORTCUT))
        end = min(at + MAX_SMALL, len(content), following if following > 0 else len(content))
        yield at, end - at, "a shortcut", ""
        at = following


def _until_zero(content: bytes, at: int) -> int:
    """Octets of a text: the rest of its last sector is zeros."""
    end = content.find(b"\0", at, at + MAX_SMALL)
    return (end if end > 0 else min(at + MAX_SMALL, len(content))) - at
