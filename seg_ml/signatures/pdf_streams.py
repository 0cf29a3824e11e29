"""Object streams of a PDF, inflated from its bytes without regard to its structure."""

from __future__ import annotations

import re
import zlib

MAX_STREAMS = 200
MAX_STREAM = 1 << 20
MAX_TOTAL = 8 << 20

_STREAM = re.compile(rb"stream\r?\n")


def inflated(content: bytes) -> bytes:
    """The streams that hold objects, one after the other, since that is where actions hide."""
    if b"/ObjStm" not in content:
        return b""
    out: list[bytes] = []
    total = 0
    for count, match in enumerate(_STREAM.finditer(content)):
        if count >= MAX_STREAMS or total >= MAX_TOTAL:
            break
        # Only object streams: their dictionary stands directly before the data.
        if b"/ObjStm" not in content[max(0, match.start() - 300) : match.start()]:
            continue
        chunk = _inflate(content[match.end() : match.end() + MAX_STREAM])
        total += len(chunk)
        out.append(chunk)
    return b"\n".join(out)


def _inflate(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, MAX_STREAM)
    except zlib.error:
        return b""
