"""What a PDF does when it is opened, and where it links, read from its bytes within limits."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from functools import lru_cache

MAX_FILE = 16 << 20
MAX_STREAMS = 200
MAX_STREAM = 1 << 20
MAX_TOTAL = 8 << 20
MAX_LINKS = 50

_ESCAPE = re.compile(rb"#([0-9a-fA-F]{2})")
_OBJECT_STREAM = re.compile(rb"/ObjStm")
_STREAM = re.compile(rb"stream\r?\n")
_NAME = re.compile(
    rb"/(JavaScript|JS|Launch|OpenAction|AA|EmbeddedFile|RichMedia|XFA|SubmitForm|ImportData|GoToR|Encrypt|AcroForm)\b"
)
_URI = re.compile(rb"/URI\s{0,4}\(((?:[^()\\\r\n]|\\.){1,2000})\)")
_PAGE = re.compile(rb"/Type\s{0,4}/Page\b")


@dataclass(frozen=True, slots=True)
class PdfFacts:
    """Names of actions and features that occur, targets of links, and the number of pages."""

    names: frozenset[str] = frozenset()
    links: tuple[str, ...] = ()
    pages: int = 0


@lru_cache(maxsize=8)
def pdf_facts(content: bytes) -> PdfFacts:
    """Facts of one file; streams that hold objects are inflated, since that is where actions hide."""
    data = content[:MAX_FILE] + b"\n" + _inflated(content[:MAX_FILE])
    # ISO 32000-1 §7.3.5: any letter of a name may be written as #xx, and malware does.
    plain = _ESCAPE.sub(lambda match: bytes([int(match.group(1), 16)]), data) if b"#" in data else data
    links = dict.fromkeys(match.group(1).decode("latin-1") for match in _URI.finditer(data))
    return PdfFacts(
        names=frozenset(match.group(1).decode("ascii") for match in _NAME.finditer(plain)),
        links=tuple(list(links)[:MAX_LINKS]),
        pages=sum(1 for _ in _PAGE.finditer(data)),
    )


def _inflated(content: bytes) -> bytes:
    if not _OBJECT_STREAM.search(content):
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
