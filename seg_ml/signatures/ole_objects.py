"""Files inside OLE documents: packages, and objects that PowerPoint's old format keeps compressed."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterator
from functools import lru_cache

from seg_ml.domain.message import Part
from seg_ml.signatures.filetypes import magic

MAX_CANDIDATES = 60
MAX_OBJECT = 2 << 20
_MIN_OBJECT = 64

_NATIVE = "\x01Ole10Native".encode("utf-16-le")
_DOCUMENT = "PowerPoint Document".encode("utf-16-le")
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")  # RFC 1950 §2.2 with the window that everybody uses


def objects_of(part: Part) -> tuple[Part, ...]:
    """The compressed objects of a presentation whose type can be told (MS-PPT §2.10.34), none in other files."""
    if magic(part.content) != "ole" or _DOCUMENT not in part.content:
        return ()
    return tuple(
        Part(f"{part.path}!object {number}", "application/octet-stream", content, filename=f"object {number}",
             disposition="attachment")
        for number, content in enumerate(_objects(part.content), 1)
    )  # fmt: skip


@lru_cache(maxsize=4)
def _objects(content: bytes) -> tuple[bytes, ...]:
    return tuple(data for data in _inflated(content) if len(data) >= _MIN_OBJECT and magic(data))


def _inflated(content: bytes) -> Iterator[bytes]:
    for count, match in enumerate(_ZLIB.finditer(content)):
        if count >= MAX_CANDIDATES:
            return
        try:
            yield zlib.decompressobj().decompress(content[match.start() : match.start() + MAX_OBJECT], MAX_OBJECT)
        except zlib.error:
            continue


def native_objects(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and content of the packages that an OLE file carries (MS-OLEDS §2.3.6, OLENativeStream)."""
    if _NATIVE not in content:
        return
    from olefile import OleFileIO

    try:
        with OleFileIO(io.BytesIO(content)) as document:
            streams = [path for path in document.listdir() if path[-1] == "\x01Ole10Native"]
            packages = [document.openstream(path).read() for path in streams[:MAX_CANDIDATES]]
    except (OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, struct.error, EOFError):
        return  # what olefile raises on damaged files
    for package in packages:
        yield _package(package)


def _package(data: bytes) -> tuple[str, bytes]:
    """A package by the packager's layout; the raw bytes where it is none."""
    label, at = _text(data, 6)
    path, at = _text(data, at)
    _, at = _text(data, at + 8)
    if at + 4 > len(data):
        return "package", data[4:]
    (size,) = struct.unpack_from("<I", data, at)
    name = re.split(r"[/\\\\]", path or label)[-1] or "package"
    return name, data[at + 4 : at + 4 + size]


def _text(data: bytes, at: int) -> tuple[str, int]:
    end = data.find(b"\0", at, at + 1024)
    return ("", len(data)) if end < 0 else (data[at:end].decode("latin-1"), end + 1)
