"""Path data of SVG as outlines; of a curve its ends and its middle are kept, which is enough for a module.

Source: SVG 2 §9.3.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from seg_ml.signatures.drawn_shapes import Outline, Point

MAX_STEPS = 200_000

_TOKEN = re.compile(r"[MmLlHhVvZzCcSsQqTtAa]|[-+]?(?:\d{1,12}\.?\d{0,12}|\.\d{1,12})(?:[eE][-+]?\d{1,2})?")
_NUMBERS = {"M": 2, "L": 2, "H": 1, "V": 1, "Z": 0, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7}


def outlines_of(data: str) -> tuple[list[Outline], list[Outline]]:
    """(closed or not, as fills take them; the same as lines, as strokes take them) of a path's data."""
    pen = _Pen()
    for step, numbers in _steps(data):
        pen.move(step, numbers)
    pen.lift()
    return pen.outlines, pen.lines


def thickened(line: Outline, width: float) -> Iterator[Outline]:
    """The rectangles that a stroke of a line covers, each along one of the axes."""
    half = width / 2
    for (x, y), (to_x, to_y) in pairwise(line):
        if abs(y - to_y) <= abs(x - to_x):
            yield [(x, y - half), (to_x, to_y - half), (to_x, to_y + half), (x, y + half)]
        else:
            yield [(x - half, y), (x + half, y), (to_x + half, to_y), (to_x - half, to_y)]


def _steps(data: str) -> Iterator[tuple[str, list[float]]]:
    command, numbers = "", list[float]()
    for count, match in enumerate(_TOKEN.finditer(data)):
        if count > MAX_STEPS:
            return
        token = match.group()
        if token[0].isalpha():
            command, numbers = token, []
        elif command:
            numbers.append(float(token))
        if command and len(numbers) == _NUMBERS[command.upper()]:
            yield command, numbers
            numbers = []
            # Numbers that go on after a move are lines (SVG 2 §9.3.3); nothing goes on after a close.
            command = {"M": "L", "m": "l", "Z": "", "z": ""}.get(command, command)


class _Pen:
    def __init__(self) -> None:
        self.outlines: list[Outline] = []
        self.lines: list[Outline] = []
        self._now: Outline = []
        self._at: Point = (0.0, 0.0)

    def lift(self, *, close: bool = False) -> None:
        """End the outline that is drawn; the pen stands at its beginning after a close."""
        if len(self._now) > 1:
            self.outlines.append(self._now)
            self.lines.append([*self._now, self._now[0]] if close else self._now)
        if close and self._now:
            self._at = self._now[0]
        self._now = []

    def move(self, command: str, numbers: list[float]) -> None:
        if command in "Zz":
            self.lift(close=True)
            return
        base = self._at if command.islower() else (0.0, 0.0)
        kind = command.upper()
        if kind == "M":
            self.lift()
            self._at = (base[0] + numbers[0], base[1] + numbers[1])
            return
        if not self._now:
            self._now = [self._at]
        end = _END[kind](base, numbers, self._at)
        middle = _middle(kind, base, numbers, self._at, end)
        self._now += [middle, end] if middle is not None else [end]
        self._at = end


_END: dict[str, Callable[[Point, list[float], Point], Point]] = {
    "H": lambda base, numbers, at: (base[0] + numbers[0], at[1]),
    "V": lambda base, numbers, at: (at[0], base[1] + numbers[0]),
    **dict.fromkeys("LCSQTA", lambda base, numbers, at: (base[0] + numbers[-2], base[1] + numbers[-1])),
}


def _middle(kind: str, base: Point, numbers: list[float], start: Point, end: Point) -> Point | None:
    """The point half way along a curve."""
    x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    if kind == "C":
        x, y = x / 4, y / 4
        return x + 0.375 * (2 * base[0] + numbers[0] + numbers[2]), y + 0.375 * (2 * base[1] + numbers[1] + numbers[3])
    if kind == "Q":
        return x / 2 + (base[0] + numbers[0]) / 2, y / 2 + (base[1] + numbers[1]) / 2
    if kind != "A":
        return None
    # The arrow of the chord, to the side that the sweep flag says (SVG 2 §B.2.2).
    across, down = end[0] - start[0], end[1] - start[1]
    chord, radius = (across**2 + down**2) ** 0.5, abs(numbers[0])
    if not chord or not radius:
        return None
    inner = max(0.0, radius**2 - chord**2 / 4) ** 0.5
    height = (radius + inner if numbers[3] else radius - inner) * (1 if numbers[4] else -1)
    return x + height * down / chord, y - height * across / chord
