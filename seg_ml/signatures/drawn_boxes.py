"""Codes of coloured boxes in a page: rows of cells, cells that wrap, boxes by their place, shadows of one box.

Every element but those of tables may be a cell; one scan over the tags, with a stack of what is open.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice, pairwise
from math import isqrt

from seg_ml.signatures.colours import declarations, is_dark, rules
from seg_ml.signatures.drawn_shapes import MAX_SHAPES, MIN_SHAPES, Shape
from seg_ml.signatures.drawn_tables import MAX_SIDE, MIN_SIDE, Cell, code_grids

MAX_DEPTH = 60
MAX_CELLS = MAX_SIDE * MAX_SIDE

_TAG = re.compile(r"<(/?)(div|span|p|i|b|u|s|em|a|li|ul|ol|font|section|label|br)\b([^<>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\b(style|class|bgcolor)\s{0,5}=\s{0,5}(\"[^\"]*\"|'[^']*'|[^\s\"'>]+)", re.IGNORECASE)
_LENGTH = re.compile(r"\s{0,3}(-?\d{1,5}(?:\.\d{1,4})?)")
SHADOWS = re.compile(r"box-shadow\s{0,3}:\s{0,3}([^;{}\"<>]{300,1000000})", re.IGNORECASE)
_SHADOW = re.compile(
    r"(-?\d{1,5}(?:\.\d{1,4})?)[a-z]{0,4}\s{1,3}(-?\d{1,5}(?:\.\d{1,4})?)[a-z]{0,4}(?:\s{1,3}-?\d[\d.]{0,5}[a-z]{0,4}){0,2}"
    r"\s{0,3}(#[0-9a-f]{3,8}|[a-z]{3,20})?",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Box:
    """An open element: what it holds so far, as cells of one row, as rows, and as boxes with a place."""

    tag: str
    style: dict[str, str]
    dark: bool
    cells: list[Cell] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)
    placed: list[Shape] = field(default_factory=list)
    width: int = 0


@dataclass(slots=True)
class Drawn:
    """What may be codes: rows of 0 and 1 (dark), all as long, and shapes by their places."""

    grids: list[list[bytes]] = field(default_factory=list)
    shapes: list[list[Shape]] = field(default_factory=list)


def boxes_of(page: str) -> Drawn:
    """Everything in a page that stands as the modules of a code do. Linear in the page."""
    reader = _Reader(rules(page))
    for match in _TAG.finditer(page):
        tag = match.group(2).lower()
        if tag == "br":
            reader.end_row()
        elif match.group(1):
            reader.leave(tag)
        else:
            reader.enter(tag, match.group(3))
    reader.finish()
    reader.drawn.shapes.extend(_shadows(match.group(1)) for match in SHADOWS.finditer(page))
    return reader.drawn


class _Reader:
    def __init__(self, sheet: dict[str, dict[str, str]]) -> None:
        self.drawn = Drawn()
        self._sheet = sheet
        self._stack = [_Box("", {}, dark=False)]

    def enter(self, tag: str, written: str) -> None:
        style = dict(self._sheet.get(f"<{tag}", {}))
        for name, quoted in _ATTRIBUTE.findall(written):
            value = quoted.strip("\"'")
            if name.lower() == "style":
                style.update(declarations(value))
            elif name.lower() == "bgcolor":
                style["background"] = value
            else:
                for word in value.split()[:5]:
                    style.update(self._sheet.get(word, {}))
        colour = style.get("background-color") or style.get("background")
        dark = is_dark(colour) if colour else self._stack[-1].dark
        if len(self._stack) < MAX_DEPTH:
            self._stack.append(_Box(tag, style, dark, width=_pixels(style.get("width"))))

    def leave(self, tag: str) -> None:
        """Close the innermost element of this name, and what was left open inside."""
        depth = next((at for at in range(len(self._stack) - 1, 0, -1) if self._stack[at].tag == tag), 0)
        while 0 < depth < len(self._stack):
            self._close(self._stack.pop())

    def finish(self) -> None:
        while self._stack:
            self._close(self._stack.pop())

    def end_row(self) -> None:
        box = self._stack[-1]
        if box.cells:
            box.rows.append(box.cells)
            box.cells = []

    def _close(self, box: _Box) -> None:
        if box.rows:
            rows = [*box.rows, box.cells] if box.cells else box.rows
            self.drawn.grids.extend(code_grids(rows))
        elif len(box.cells) >= MIN_SIDE * MIN_SIDE:
            self.drawn.grids.extend(code_grids(_wrapped(box)))
        if len(box.placed) >= MIN_SHAPES:
            self.drawn.shapes.append(box.placed)
        if self._stack:
            self._hand_up(box, self._stack[-1])

    def _hand_up(self, box: _Box, above: _Box) -> None:
        """A box without boxes is a cell; one full of them is a row of what holds it."""
        if not box.cells and not box.rows:
            if "left" in box.style and "top" in box.style and len(above.placed) < MAX_SHAPES:
                above.placed.append(_placed(box))
            elif len(above.cells) < MAX_CELLS:
                above.cells.append((box.dark, 1, box.width))
        elif box.cells and not box.rows and len(above.rows) < MAX_SIDE * 2:
            above.rows.append(box.cells)


def _wrapped(box: _Box) -> list[list[Cell]]:
    """Cells of one width in lines as long as what holds them; as a square where it does not say."""
    width = box.cells[0][2]
    columns = box.width // width if width and box.width else isqrt(len(box.cells))
    if not MIN_SIDE <= columns <= MAX_SIDE:
        return []
    return [box.cells[at : at + columns] for at in range(0, len(box.cells), columns)]


def _placed(box: _Box) -> Shape:
    left, top, wide, high = (_length(box.style.get(name)) for name in ("left", "top", "width", "height"))
    return _rectangle(left, top, wide or 1, high or wide or 1, dark=box.dark)


def _rectangle(x: float, y: float, wide: float, high: float, *, dark: bool) -> Shape:
    return Shape(([(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)],), dark)


def _length(value: str | None) -> float:
    found = _LENGTH.match(value) if value else None
    return float(found.group(1)) if found else 0.0


def _pixels(value: str | None) -> int:
    return round(_length(value)) if value and not value.rstrip().endswith("%") else 0


def _shadows(value: str) -> list[Shape]:
    """One box per shadow, as wide as the nearest two are apart."""
    matches = islice(_SHADOW.finditer(value), MAX_SHAPES)
    found = [(float(match.group(1)), float(match.group(2)), match.group(3) or "") for match in matches]
    across = sorted({x for x, _, _ in found})
    side = min((b - a for a, b in pairwise(across)), default=0.0)
    return [_rectangle(x, y, side, side, dark=not colour or is_dark(colour)) for x, y, colour in found] if side else []
