"""Tables whose cells are dark or light and nothing else, as the rows of a code."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from seg_ml.signatures.colours import is_dark, rules

MIN_SIDE, MAX_SIDE = 21, 200
MIN_SHARE = 0.2
"""Of dark and of light cells; a striped table of figures has other shapes, but a code is half and half."""

MAX_NESTED = 50

_TAG = re.compile(r"<(/?)(table|tr|td|th)\b([^<>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\b(bgcolor|style|class|colspan|width)\s{0,5}=\s{0,5}(\"[^\"]*\"|'[^']*'|[^\s\"'>]+)", re.I)
_BACKGROUND = re.compile(r"background(?:-color)?\s{0,5}:\s{0,5}([^;}!]{1,80})", re.IGNORECASE)
_WIDTH = re.compile(r"(?<![\w-])width\s{0,5}:\s{0,5}(\d{1,4})(?:\.\d+)?px", re.IGNORECASE)

Cell = tuple[bool, int, int]
"""Whether it is dark, how many columns it says to span, how many pixels it says to be wide (0: it does not)."""


def grids_of(page: str) -> Iterator[list[bytes]]:
    """Every table of a page that may be a code: rows of 0 and 1 (dark), all as long. Linear in the page."""
    classes = _classes(page)
    open_tables: list[tuple[list[list[Cell]], bool]] = []
    backgrounds: list[bool] = [False]
    for match in _TAG.finditer(page):
        closing, tag = bool(match.group(1)), match.group(2).lower()
        if closing and tag != "table":
            continue
        if closing:
            if open_tables:
                rows, _ = open_tables.pop()
                yield from code_grids(rows)
            continue
        dark, span, width = _cell(match.group(3), classes, open_tables[-1][1] if open_tables else backgrounds[0])
        if tag == "table":
            if len(open_tables) >= MAX_NESTED:
                open_tables.clear()
            open_tables.append(([], dark))
        elif open_tables and tag == "tr":
            open_tables[-1][0].append([])
        elif open_tables and open_tables[-1][0]:
            open_tables[-1][0][-1].append((dark, span, width))
    for rows, _ in open_tables:
        yield from code_grids(rows)


def _cell(attributes: str, classes: dict[str, bool], inherited: bool) -> Cell:
    dark, span, width = inherited, 1, 0
    for name, quoted in _ATTRIBUTE.findall(attributes):
        value = quoted.strip("\"'")
        match name.lower():
            case "bgcolor":
                dark = is_dark(value)
            case "class":
                dark = next((classes[word] for word in value.split()[:5] if word in classes), dark)
            case "colspan" if value.isdecimal():
                span = max(1, min(MAX_SIDE, int(value[:4])))
            case "width" if value.isdecimal():
                width = int(value[:4])
            case "style":
                painted, wide = _BACKGROUND.search(value), _WIDTH.search(value)
                dark = is_dark(painted.group(1)) if painted else dark
                width = int(wide.group(1)) if wide else width
    return dark, span, width


def _classes(page: str) -> dict[str, bool]:
    """Whether the background is dark, by class."""
    colours = {name: facts.get("background-color", facts.get("background")) for name, facts in rules(page).items()}
    return {name: is_dark(colour) for name, colour in colours.items() if colour}


def code_grids(rows: list[list[Cell]]) -> Iterator[list[bytes]]:
    """The rows as a grid, where they are as many and as mixed as those of a code; at most one."""
    if not MIN_SIDE <= len(rows) <= MAX_SIDE:
        return
    unit = min((width for row in rows for _, _, width in row if width), default=0)
    lines = [_line(row, unit) for row in rows]
    width, _ = Counter(map(len, lines)).most_common(1)[0]
    # One row of another length is a caption, not a reason to look away.
    lines = [line for line in lines if len(line) == width]
    if not MIN_SIDE <= width <= MAX_SIDE or not 0.8 <= len(lines) / width <= 1.25:
        return
    dark = sum(map(sum, lines)) / (width * len(lines))
    if MIN_SHARE <= dark <= 1 - MIN_SHARE:
        yield lines


def _line(row: list[Cell], unit: int) -> bytes:
    line = bytearray()
    for dark, span, width in row:
        columns = span if span > 1 or not unit else max(1, round(width / unit))
        line += bytes([dark]) * min(columns, MAX_SIDE)
        if len(line) > MAX_SIDE:
            break
    return bytes(line)
