"""Objects that PowerPoint's old format keeps compressed, and that no pattern over the file would see."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from functools import lru_cache

from seg_ml.domain.message import Part
from seg_ml.signatures.filetypes import magic

MAX_CANDIDATES = 60
MAX_OBJECT = 2 << 20
_MIN_OBJECT = 64

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
