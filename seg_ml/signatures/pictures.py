"""Pictures of a message as pixels: attached, inline, inside archives, pages and PDF, read within limits."""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Collection, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from seg_ml.domain.message import Message, Part
from seg_ml.signatures.archives import files_of, passwords_of
from seg_ml.signatures.filetypes import magic
from seg_ml.signatures.pdf_pages import Page, drawn_pages
from seg_ml.signatures.pdf_pictures import pdf_pictures
from seg_ml.signatures.unpack.limits import DEFAULT_ARCHIVE_LIMITS, ArchiveLimits

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PICTURES = 12
MAX_PIXELS = 40_000_000
"""Of one picture by its header; beyond it nothing is decoded."""

MAX_TOTAL = 60_000_000
MAX_DRAWING = 3
"""PDF files of a message of which pages are rendered."""

SIDE = 1600
"""Larger pictures are scaled down to this many pixels a side."""

MIN_SIDE = 25
"""A QR code has 21 modules a side (ISO/IEC 18004 §5.1) and a margin."""

_KINDS = frozenset({"png", "jpeg", "gif", "bmp", "tiff", "riff"})
_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "DIB", "TIFF", "WEBP")
_DATA = re.compile(r"data:image/[a-z0-9.+-]{1,20};base64,([A-Za-z0-9+/=\s]{100,})", re.IGNORECASE)
_MAX_PAGE = 4 << 20


def pictures_of(message: Message, limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS) -> Iterator[tuple[Part, Image]]:
    """(part, picture in grey) of the first pictures, at most `SIDE` pixels a side. Never raises on content."""
    left, pixels = MAX_PICTURES, MAX_TOTAL
    for part, content in _encoded(message, limits):
        if left <= 0 or pixels <= 0:
            return
        picture = decoded(content)
        if picture is not None:
            left -= 1
            pixels -= picture.info["pixels"]
            yield part, picture


def pages_of(
    message: Message, limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS, without: Collection[str] = ()
) -> Iterator[tuple[Part, Page]]:
    """(PDF, page) of the first pages that draw what they show; paths of parts in `without` are left out."""
    wanted = (part for part in files_of(message, limits) if part.path not in without and magic(part.content) == "pdf")
    for part in islice(wanted, MAX_DRAWING):
        yield from ((part, page) for page in drawn_pages(part.content, passwords_of(message)))


def may_hold_pictures(message: Message) -> bool:
    """Whether it is worth looking: most messages are text and nothing else."""
    return any(part.is_attachment or magic(part.content) in _KINDS or _holds_data(part) for part in message.parts)


def _holds_data(part: Part) -> bool:
    return part.content_type == "text/html" and part.text is not None and "data:image/" in part.text


def _encoded(message: Message, limits: ArchiveLimits) -> Iterator[tuple[Part, bytes]]:
    inline = tuple(part for part in message.parts if not part.is_attachment)
    for part in (*inline, *files_of(message, limits)):
        kind = magic(part.content)
        if kind in _KINDS:
            yield part, part.content
        elif kind == "pdf":
            yield from ((part, picture) for picture in pdf_pictures(part.content, passwords_of(message)))
        elif part.text is not None and part.content_type == "text/html":
            yield from ((part, picture) for picture in _in_page(part.text[:_MAX_PAGE]))


def _in_page(page: str) -> Iterator[bytes]:
    for match in _DATA.finditer(page):
        try:
            yield base64.b64decode("".join(match.group(1).split()))
        except binascii.Error:
            continue


def decoded(content: bytes) -> Image | None:
    """A picture in grey on white, `None` where it is damaged, tiny or huge. `info["pixels"]` counts what it cost."""
    from PIL import Image as images

    try:
        with images.open(io.BytesIO(content), formats=_FORMATS) as picture:
            width, height = picture.size
            if min(width, height) < MIN_SIDE or width * height > MAX_PIXELS:
                return None
            picture.draft("L", (SIDE, SIDE))  # a JPEG is decoded at a fraction of its size
            cost = picture.size[0] * picture.size[1]
            if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
                clear = picture.convert("RGBA")
                grey = images.new("L", clear.size, 255)
                grey.paste(clear.convert("L"), mask=clear.getchannel("A"))
            else:
                grey = picture.convert("L")
            grey.thumbnail((SIDE, SIDE), images.Resampling.BOX)
    except Exception:  # Pillow's readers raise anything on damaged files
        return None
    grey.info = {"pixels": cost}
    return grey
