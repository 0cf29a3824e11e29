"""Codes that are drawn with letters, cells of a table, coloured boxes or SVG, turned to pixels.

None of them shows a picture to a filter. A text is looked at closer only where block characters, cells or boxes
are as many as the smallest QR code needs (21 modules a side, ISO/IEC 18004 §5.1), or where an SVG begins.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import unquote

from seg_ml.domain.message import Message, Part
from seg_ml.signatures.archives import files_of
from seg_ml.signatures.drawn_boxes import SHADOWS, boxes_of
from seg_ml.signatures.drawn_shapes import Shape, painted
from seg_ml.signatures.drawn_svg import drawings_in
from seg_ml.signatures.drawn_tables import grids_of
from seg_ml.signatures.unpack.limits import DEFAULT_ARCHIVE_LIMITS, ArchiveLimits

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_TEXT = 2 << 20
MAX_DRAWINGS = 12
"""Pictures of one message; letters give two, for either shape of a character."""

MIN_BLOCKS = 60
MIN_LINES, MAX_LINES = 10, 200
MIN_IN_LINE, MAX_COLUMNS = 3, 400
MIN_CELLS = 150

MODULE = 4
"""Pixels a side of a module."""

MARGIN = 4 * MODULE

# Quarters of a character that are dark: upper left 1, upper right 2, lower left 4, lower right 8.
_QUARTERS = {
    "█": 15, "▀": 3, "▄": 12, "▌": 5, "▐": 10, "▖": 4, "▗": 8, "▘": 1, "▝": 2, "▙": 13, "▚": 9, "▛": 7, "▜": 11,
    "▞": 6, "▟": 14, "▓": 15, "■": 15, "⬛": 15,
}  # fmt: skip
_BLOCKS = "".join(_QUARTERS)
_ENTITY = re.compile(r"&(?:#(?:96[0-3]\d|x25[89a][0-9a-f]|11035|x2b1b)|block|uhblk|lhblk);?", re.IGNORECASE)
_IN_LINE = re.compile(f"[{_BLOCKS}]")
_BREAK = re.compile(r"<(?:br|/?p|/?div|/?tr|/?pre|/?li)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_BOXES = ("<div", "<span", "<i ", "<i>", "<b ", "<b>", "<p ", "<li")
_PAGE_START = re.compile(rb"<\0?(?:s\0?v\0?g|h\0?t\0?m\0?l|!\0?d\0?o\0?c\0?t\0?y\0?p\0?e)", re.IGNORECASE)
_SVG_ADDRESS = re.compile(r"data:image/svg\+xml([;\w=-]{0,60}),([^\"'<>)]{200,1000000})", re.IGNORECASE)
_SKIPPED = str.maketrans("", "", "\u200b\u2060\ufeff\ufe0e\ufe0f\r")


def may_hold_drawings(message: Message) -> bool:
    """Whether some text has as many block characters, cells or boxes as a code needs, or an SVG."""
    return any(part.text is not None and _may_draw(part.text, part.content_type) for part in message.parts)


def drawings_of(message: Message, limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS) -> Iterator[tuple[Part, Image]]:
    """(part, picture in grey) of what may be a code, at most 3,200 by 1,600 pixels. Never raises on content."""
    return islice(_all(message, limits), MAX_DRAWINGS)


def _all(message: Message, limits: ArchiveLimits) -> Iterator[tuple[Part, Image]]:
    for part, text, content_type in _texts(message, limits):
        if _has_blocks(text):
            for lines in _drawings(_lines(text, content_type)):
                yield from ((part, picture) for picture in _of_letters(lines))
        if content_type == "text/html":
            yield from ((part, picture) for picture in _of_page(text))


def _texts(message: Message, limits: ArchiveLimits) -> Iterator[tuple[Part, str, str]]:
    """(part, text, type) of texts, pages and SVG files, attached ones too."""
    inline = (part for part in message.parts if not part.is_attachment)
    for part in (*inline, *files_of(message, limits)):
        is_page = part.content_type == "text/html" or _PAGE_START.search(part.content, 0, 1024) is not None
        if part.text is not None:
            yield part, part.text[:MAX_TEXT], "text/html" if is_page else part.content_type
        elif is_page:
            yield part, part.content[:MAX_TEXT].replace(b"\0", b"").decode("utf-8", "replace"), "text/html"


def _of_page(page: str) -> Iterator[Image]:
    if _has_cells(page):
        yield from (_picture(grid, MODULE, MODULE) for grid in grids_of(page))
    if _has_boxes(page):
        drawn = boxes_of(page)
        yield from (_picture(grid, MODULE, MODULE) for grid in drawn.grids)
        yield from _painted(drawn.shapes)
    for source in _svg_sources(page):
        yield from _painted(drawings_in(source))


def _painted(drawings: Iterable[list[Shape]]) -> Iterator[Image]:
    for shapes in islice(drawings, MAX_DRAWINGS):
        picture = painted(shapes)
        if picture is not None:
            yield picture


def _svg_sources(page: str) -> Iterator[str]:
    """The page itself, and the SVG that its pictures carry in their address."""
    if "<svg" in page or "<SVG" in page or "svg:svg" in page:
        yield page
    for match in islice(_SVG_ADDRESS.finditer(page), MAX_DRAWINGS):
        coded = unquote(match.group(2))
        if "base64" not in match.group(1).lower():
            yield coded
            continue
        try:
            yield base64.b64decode("".join(coded.split())).decode("utf-8", "replace")
        except binascii.Error:
            continue


def _may_draw(text: str, content_type: str) -> bool:
    if _has_blocks(text):
        return True
    return content_type == "text/html" and (
        _has_cells(text) or _has_boxes(text) or "<svg" in text or "data:image/svg" in text
    )


def _has_blocks(text: str | None) -> bool:
    if text is None:
        return False
    if not text.isascii() and sum(map(text.count, _BLOCKS)) >= MIN_BLOCKS:
        return True
    if text.count("&#") + text.count("blk;") + text.count("block;") < MIN_BLOCKS:
        return False
    return sum(1 for _ in islice(_ENTITY.finditer(text), MIN_BLOCKS)) >= MIN_BLOCKS


def _has_cells(page: str) -> bool:
    return page.count("<td") + page.count("<TD") >= MIN_CELLS


def _has_boxes(page: str) -> bool:
    """Whether boxes are many and coloured, or one has a long shadow."""
    many = "background" in page and sum(map(page.count, _BOXES)) >= MIN_CELLS
    return many or ("box-shadow" in page and SHADOWS.search(page) is not None)


def _lines(text: str, content_type: str) -> Iterator[str]:
    """Lines as they are shown; empty ones between the rows of a code say nothing."""
    if content_type == "text/html":
        text = html.unescape(_TAG.sub("", _BREAK.sub("\n", text)))
    for line in text.translate(_SKIPPED).split("\n"):
        if line and not line.isspace():
            yield line.rstrip()


def _drawings(lines: Iterator[str]) -> Iterator[list[str]]:
    """Runs of lines that hold block characters, as high as a code may be."""
    run: list[str] = []
    for line in lines:
        blocks = sum(1 for _ in islice(_IN_LINE.finditer(line[:MAX_COLUMNS]), MIN_IN_LINE))
        if blocks >= MIN_IN_LINE and len(run) < MAX_LINES:
            run.append(line[:MAX_COLUMNS])
            continue
        if len(run) >= MIN_LINES:
            yield run
        run = []
    if len(run) >= MIN_LINES:
        yield run


def _of_letters(lines: list[str]) -> Iterator[Image]:
    """As characters twice as high as wide, which letters of one width have, and as square ones."""
    rows = list(_rows(lines))
    yield _picture(rows, MODULE // 2, MODULE)
    yield _picture(rows, MODULE, MODULE)


def _rows(lines: list[str]) -> Iterator[bytes]:
    """Two rows of quarters a line, 1 where dark."""
    width = max(map(len, lines))
    indent = min(len(line) - len(line.lstrip()) for line in lines)
    for line in lines:
        quarters = [_QUARTERS.get(letter, 0) for letter in line.ljust(width)[indent:]]
        for left, right in ((1, 2), (4, 8)):
            yield bytes(bit for quarter in quarters for bit in (bool(quarter & left), bool(quarter & right)))


def _picture(rows: list[bytes], wide: int, high: int) -> Image:
    """Rows of 0 and 1, all as long, in grey with a margin: each 1 is dark and `wide` by `high` pixels."""
    from PIL import Image as images
    from PIL import ImageOps

    height, width = len(rows), len(rows[0])
    grey = images.frombytes("L", (width, height), b"".join(rows).translate(b"\xff\0" + bytes(254)))
    return ImageOps.expand(grey.resize((width * wide, height * high), images.Resampling.NEAREST), MARGIN, 255)
