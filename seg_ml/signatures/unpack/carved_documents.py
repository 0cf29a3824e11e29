"""Documents at the start of a sector, and how long they are by their own account.

Fresh images, and those that somebody makes to be mailed are, hold their files in one piece; of a file in pieces
the first is found, and what follows belongs to another.
Sources: ISO 32000-1 §7.5.5; PKWARE APPNOTE 4.3.16; MS-CFB §2.2, §2.3; 7zFormat.txt; MS-CAB §2.1; MS-ONESTORE §2.3.1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

MAX_DOCUMENT = 16 << 20
MAX_TEXT = 2 << 20
MAX_ENDS = 40
"""Marks of an end that are tried: a package holds packages, and a PDF is written on."""

_OLE, _ONE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d"
_FREE, _SECTORS_A_TABLE = b"\xff\xff\xff\xff", 128
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s{0,40}(?:<\?xml[^<>]{0,200}>\s{0,40})?(?:<!--[^<>]{0,300}-->\s{0,40})?"
    rb"<(?:!doctype\s{1,5}(html|svg)|(html|svg)\b)",
    re.IGNORECASE,
)
_WIDE_PAGE = re.compile(rb"\xff\xfe<\0(?:h\0|H\0|!\0)")

FIRST = rb"%P\xd0\xe47M{\xef\xff<\s"
"""First octets of what is looked for, as the inside of a class of a regular expression."""


def document_at(content: bytes, at: int) -> tuple[int, str, str] | None:
    """Length, what it is, and the ending of a name that says so."""
    for mark, length, what, ending in _KINDS:
        if content.startswith(mark, at):
            size = length(content, at)
            return (min(size, MAX_DOCUMENT, len(content) - at), what, ending) if size > 0 else None
    page = _PAGE.match(content, at, at + 1024)
    if page is not None:
        is_drawing = b"svg" in (page.group(1) or page.group(2)).lower()
        return _to(content, at, b"\0"), *(("a drawing", ".svg") if is_drawing else ("a page", ".html"))
    if _WIDE_PAGE.match(content, at) is not None:
        return _to(content, at, b"\0\0\0"), "a page", ".html"
    return None


def _to(content: bytes, at: int, mark: bytes) -> int:
    """Octets of a text: the rest of its last sector is zeros."""
    limit = min(at + MAX_TEXT, len(content))
    end = content.find(mark, at, limit)
    return (end if end > 0 else limit) - at


def _text(content: bytes, at: int) -> int:
    return _to(content, at, b"\0")


def _marks(content: bytes, at: int, mark: bytes) -> Iterator[int]:
    limit, found = at + MAX_DOCUMENT, at
    for _ in range(MAX_ENDS):
        found = content.find(mark, found + 1, limit)
        if found < 0:
            return
        yield found


def _pdf(content: bytes, at: int) -> int:
    """To the end mark behind which the sector is empty, or to the first one."""
    first = 0
    for mark in _marks(content, at, b"%%EOF"):
        end = mark + 5
        end += next((len(line) for line in (b"\r\n", b"\n", b"\r") if content.startswith(line, end)), 0)
        first = first or end - at
        if not content[end : end + -(end - at) % 512].strip(b"\0\r\n"):
            return end - at
    return first


def _package(content: bytes, at: int) -> int:
    """To the end record that lies as far behind the beginning as it says: others belong to packages inside."""
    for mark in _marks(content, at, b"PK\x05\x06"):
        size, offset, comment = (
            int.from_bytes(content[mark + place : mark + place + wide], "little")
            for place, wide in ((12, 4), (16, 4), (20, 2))
        )
        if at + offset + size == mark:
            return mark + 22 + comment - at
    return 0


def _compound(content: bytes, at: int) -> int:
    """To the last sector that the last allocation table names."""
    tables = int.from_bytes(content[at + 44 : at + 48], "little")
    if int.from_bytes(content[at + 30 : at + 32], "little") != 9 or not 0 < tables <= 109:
        return MAX_DOCUMENT  # sectors of 4 KiB, or tables named elsewhere: the reader finds its way
    place = at + 76 + 4 * (tables - 1)
    table = at + (int.from_bytes(content[place : place + 4], "little") + 1) * 512
    entries = content[table : table + 512]
    used = next((n for n in range(len(entries) // 4, 0, -1) if entries[4 * n - 4 : 4 * n] != _FREE), 0)
    return ((tables - 1) * _SECTORS_A_TABLE + used + 1) * 512


def _seven(content: bytes, at: int) -> int:
    offset, size = (int.from_bytes(content[at + place : at + place + 8], "little") for place in (12, 20))
    return 32 + offset + size


def _cabinet(content: bytes, at: int) -> int:
    return int.from_bytes(content[at + 8 : at + 12], "little")


def _section(_: bytes, __: int) -> int:
    return MAX_TEXT  # its length stands in many places; the objects inside say theirs


_KINDS: tuple[tuple[bytes, Callable[[bytes, int], int], str, str], ...] = (
    (b"%PDF-", _pdf, "a PDF", ".pdf"),
    (b"PK\x03\x04", _package, "a package", ".zip"),
    (_OLE, _compound, "a document", ".doc"),
    (b"{\\rt", _text, "a text", ".rtf"),
    (_ONE, _section, "a section of notes", ".one"),
    (b"7z\xbc\xaf\x27\x1c", _seven, "a package", ".7z"),
    (b"MSCF\0\0\0\0", _cabinet, "a cabinet", ".cab"),
)
