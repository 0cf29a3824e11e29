"""Links that a reader meets by pointing a telephone at a picture: QR codes and their kin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from seg_ml.domain.message import Message, Part
from seg_ml.signatures.drawn_codes import drawings_of, may_hold_drawings
from seg_ml.signatures.pictures import may_hold_pictures, pages_of, pictures_of
from seg_ml.signatures.unpack.limits import DEFAULT_ARCHIVE_LIMITS, ArchiveLimits
from seg_ml.signatures.urls import Url, unwrap

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_CODES = 20

# Telephones open what looks like a host and a path as well.
_BARE = re.compile(r"(?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24}(?:[/?#]\S*)?", re.IGNORECASE)
_SCHEME = re.compile(r"^\s*(?:URL:|MEBKM:.{0,200}?URL:)?\s*(?=https?:)", re.IGNORECASE | re.DOTALL)


def barcode_links(message: Message, limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS) -> tuple[tuple[Part, Url], ...]:
    """(part, link) of every code that holds a web address, unwrapped, each once."""
    return _links(message, limits) if may_hold_pictures(message) or may_hold_drawings(message) else ()


@lru_cache(maxsize=1)
def _links(message: Message, limits: ArchiveLimits) -> tuple[tuple[Part, Url], ...]:
    found: dict[tuple[str, str], tuple[Part, Url]] = {}
    for part, text in _codes(message, limits):
        url = unwrap(_target(text))
        if url is not None and url.is_web:
            found[part.path, url.href] = (part, url)
    return tuple(found.values())


def _target(text: str) -> str:
    text = _SCHEME.sub("", text, count=1).strip()
    return f"http://{text}" if _BARE.fullmatch(text) else text


def _codes(message: Message, limits: ArchiveLimits) -> list[tuple[Part, str]]:
    codes: list[tuple[Part, str]] = []
    for part, picture in _pictures(message, limits, codes):
        width, height = picture.size
        codes.extend((part, text) for text in _read(picture.tobytes(), width, height))
        if len(codes) >= MAX_CODES:
            break
    return codes[:MAX_CODES]


def _pictures(message: Message, limits: ArchiveLimits, found: list[tuple[Part, str]]) -> Iterator[tuple[Part, Image]]:
    """Pictures, what stands drawn in text, and pages of those PDF whose pictures held no code in `found`."""
    yield from drawings_of(message, limits)
    if may_hold_pictures(message):
        yield from pictures_of(message, limits)
        known = {part.path for part, _ in found}
        yield from ((part, page.picture) for part, page in pages_of(message, limits, without=known))


def _read(pixels: bytes, width: int, height: int) -> list[str]:
    import zxingcpp

    view = memoryview(pixels).cast("B", (height, width))
    formats = zxingcpp.barcode_formats_from_str("QRCode|MicroQRCode|Aztec|DataMatrix")
    return [code.text[:4096] for code in zxingcpp.read_barcodes(view, formats=formats) if code.valid]
