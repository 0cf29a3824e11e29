"""Codes that are drawn with letters or with the cells of a table, turned to pixels.

Either shows no picture to a filter. A text is looked at closer only where block characters, or cells of tables,
are as many as the smallest QR code needs (21 modules a side, ISO/IEC 18004 §5.1).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from seg_ml.domain.message import Message, Part
from seg_ml.signatures.drawn_tables import grids_of

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
_SKIPPED = str.maketrans("", "", "\u200b\u2060\ufeff\ufe0e\ufe0f\r")


def may_hold_drawings(message: Message) -> bool:
    """Whether some text has as many block characters, or cells, as a code needs."""
    return any(_has_blocks(part.text) or _has_cells(part) for part in message.parts if part.text is not None)


def drawings_of(message: Message) -> Iterator[tuple[Part, Image]]:
    """(part, picture in grey) of what may be a code, at most 3,200 by 1,600 pixels. Never raises on content."""
    return islice(_all(message), MAX_DRAWINGS)


def _all(message: Message) -> Iterator[tuple[Part, Image]]:
    for part in message.parts:
        if part.text is None:
            continue
        text = part.text[:MAX_TEXT]
        if _has_blocks(text):
            for lines in _drawings(_lines(text, part.content_type)):
                yield from ((part, picture) for picture in _of_letters(lines))
        if _has_cells(part):
            yield from ((part, _picture(grid, MODULE, MODULE)) for grid in grids_of(text))


def _has_blocks(text: str | None) -> bool:
    if text is None:
        return False
    if not text.isascii() and sum(map(text.count, _BLOCKS)) >= MIN_BLOCKS:
        return True
    if text.count("&#") + text.count("blk;") + text.count("block;") < MIN_BLOCKS:
        return False
    return sum(1 for _ in islice(_ENTITY.finditer(text), MIN_BLOCKS)) >= MIN_BLOCKS


def _has_cells(part: Part) -> bool:
    if part.content_type != "text/html" or part.text is None:
        return False
    return part.text.count("<td") + part.text.count("<TD") >= MIN_CELLS


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
