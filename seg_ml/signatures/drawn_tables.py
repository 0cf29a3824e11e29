"""Tables whose cells are dark or light and nothing else, as the rows of a code."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

MIN_SIDE, MAX_SIDE = 21, 200
MIN_SHARE = 0.2
"""Of dark and of light cells; a striped table of figures has other shapes, but a code is half and half."""

MAX_NESTED = 50
MAX_CLASSES = 200

_TAG = re.compile(r"<(/?)(table|tr|td|th)\b([^<>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\b(bgcolor|style|class|colspan|width)\s{0,5}=\s{0,5}(\"[^\"]*\"|'[^']*'|[^\s\"'>]+)", re.I)
_BACKGROUND = re.compile(r"background(?:-color)?\s{0,5}:\s{0,5}([^;}!]{1,80})", re.IGNORECASE)
_RULE = re.compile(r"\.([\w-]{1,40})\s{0,5}\{([^{}]{1,500})\}")
_WIDTH = re.compile(r"(?<![\w-])width\s{0,5}:\s{0,5}(\d{1,4})(?:\.\d+)?px", re.IGNORECASE)
_HEX = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})(?![0-9a-z])", re.IGNORECASE)
_RGB = re.compile(r"rgba?\(\s{0,5}(\d{1,3})[\s,]{1,5}(\d{1,3})[\s,]{1,5}(\d{1,3})", re.IGNORECASE)
_DARK_NAMES = frozenset("black navy midnightblue darkblue darkslategray darkgreen maroon indigo purple dimgray".split())

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
                yield from _grid(rows)
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
        yield from _grid(rows)


def _cell(attributes: str, classes: dict[str, bool], inherited: bool) -> Cell:
    dark, span, width = inherited, 1, 0
    for name, quoted in _ATTRIBUTE.findall(attributes):
        value = quoted.strip("\"'")
        match name.lower():
            case "bgcolor":
                dark = _is_dark(value)
            case "class":
                dark = next((classes[word] for word in value.split()[:5] if word in classes), dark)
            case "colspan" if value.isdecimal():
                span = max(1, min(MAX_SIDE, int(value[:4])))
            case "width" if value.isdecimal():
                width = int(value[:4])
            case "style":
                painted, wide = _BACKGROUND.search(value), _WIDTH.search(value)
                dark = _is_dark(painted.group(1)) if painted else dark
                width = int(wide.group(1)) if wide else width
    return dark, span, width


def _classes(page: str) -> dict[str, bool]:
    """Backgrounds by class; the last rule of a name stands."""
    found: dict[str, bool] = {}
    for match in _RULE.finditer(page):
        painted = _BACKGROUND.search(match.group(2))
        if painted and len(found) < MAX_CLASSES:
            found[match.group(1)] = _is_dark(painted.group(1))
    return found


def _is_dark(colour: str) -> bool:
    """Whether a colour of CSS is nearer to black than to white; what is not understood is light."""
    colour = colour.strip().lower()
    if colour in _DARK_NAMES:
        return True
    mixed, digits = _RGB.match(colour), _HEX.match(colour)
    if mixed:
        red, green, blue = (int(part) for part in mixed.groups())
    elif digits:
        text = digits.group(1) if len(digits.group(1)) == 6 else "".join(digit * 2 for digit in digits.group(1))
        red, green, blue = bytes.fromhex(text)
    else:
        return False
    return 299 * red + 587 * green + 114 * blue < 128_000  # ITU-R BT.601


def _grid(rows: list[list[Cell]]) -> Iterator[list[bytes]]:
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
