"""XML members of an Office Open XML file, read within limits."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import lru_cache

MAX_MEMBERS = 400
MAX_MEMBER = 4 << 20
MAX_TOTAL = 16 << 20

QUIET_DDE_SERVICES = ("excel", "winword")
"""Programs of Office, to which documents link without anybody's starting a command."""

# What zipfile raises on damaged files, some of it by accident.
_FAILURES = (
    zipfile.BadZipFile, zlib.error, struct.error, ArithmeticError, EOFError, LookupError, NotImplementedError, OSError,
    RuntimeError, ValueError,
)  # fmt: skip


def xml_members(content: bytes) -> tuple[tuple[str, bytes], ...]:
    """Name and content of the `.xml` and `.rels` members, none where the file is no such document."""
    return members(content, (".xml", ".rels"))


@lru_cache(maxsize=8)
def members(content: bytes, suffixes: tuple[str, ...], folder: str = "") -> tuple[tuple[str, bytes], ...]:
    """Name and content of a folder's members of these suffixes, none where the file is no such document."""
    if not content.startswith(b"PK\x03\x04") or b"[Content_Types].xml" not in content:
        return ()
    try:
        return tuple(_members(content, suffixes, folder))
    except _FAILURES:
        return ()


def _members(content: bytes, suffixes: tuple[str, ...], folder: str) -> Iterator[tuple[str, bytes]]:
    total = 0
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for item in archive.infolist()[:MAX_MEMBERS]:
            if not item.filename.startswith(folder) or not item.filename.endswith(suffixes) or total > MAX_TOTAL:
                continue
            with archive.open(item) as stream:
                data = stream.read(min(item.file_size, MAX_MEMBER))
            total += len(data)
            yield item.filename, data
