"""SVG as the shapes that it draws: rectangles, paths, polygons, circles and what `use` and clip paths repeat.

Enough for every program that draws codes; gradients, filters, text and the styles of a page are left out.
Source: SVG 2. One scan over the tags, whatever they enclose.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from seg_ml.signatures.colours import class_colours, declarations, is_dark
from seg_ml.signatures.drawn_shapes import MAX_SHAPES, Outline, Shape
from seg_ml.signatures.svg_paths import outlines_of, thickened

MAX_DEPTH = 60

Matrix = tuple[float, float, float, float, float, float]

_TAG = re.compile(
    r"<(/?)(?:svg:)?(svg|g|a|symbol|defs|mask|clipPath|pattern|rect|path|use|polygon|polyline|circle|ellipse|line)\b"
    r"([^<>]*)>",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"([a-zA-Z][\w:-]{0,40})\s{0,5}=\s{0,5}(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_TRANSFORM = re.compile(r"(translate|scale|matrix|rotate)\s{0,3}\(([^()]{1,200})\)", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?(?:\d{1,12}\.?\d{0,12}|\.\d{1,12})(?:e[-+]?\d{1,2})?", re.IGNORECASE)
_TARGET = re.compile(r"#([\w:.-]{1,100})")
_GROUPS = frozenset({"svg", "g", "a", "symbol", "defs", "mask", "clippath", "pattern"})
_UNSEEN = frozenset({"symbol", "defs", "mask", "clippath", "pattern"})


@dataclass(frozen=True, slots=True)
class _State:
    """What an element hands down. `stores` are the ids under which what is inside is kept; unseen is not drawn."""

    matrix: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    fill: str = "#000"
    stroke: str = "none"
    width: float = 1.0
    stores: tuple[str, ...] = ()
    unseen: bool = False


def drawings_in(source: str) -> Iterator[list[Shape]]:
    """The shapes of every outermost `<svg>` of a page or a file."""
    reader = _Reader(class_colours(source, "fill"))
    for match in _TAG.finditer(source):
        closing, tag, attributes = bool(match.group(1)), match.group(2).lower(), match.group(3)
        done = reader.leave(tag) if closing else reader.enter(tag, attributes)
        if done is not None:
            yield done
    if reader.shapes:
        yield reader.shapes


class _Reader:
    def __init__(self, classes: dict[str, str]) -> None:
        self.shapes: list[Shape] = []
        self._classes = classes
        self._stack: list[tuple[str, _State]] = []
        self._kept: dict[str, list[Shape]] = {}
        self._count = 0

    def leave(self, tag: str) -> list[Shape] | None:
        """Close the innermost element of this name; the shapes where that ends a drawing."""
        for depth in range(len(self._stack) - 1, -1, -1):
            if self._stack[depth][0] == tag:
                del self._stack[depth:]
                break
        if tag != "svg" or self._stack:
            return None
        done, self.shapes, self._kept, self._count = self.shapes, [], {}, 0
        return done

    def enter(self, tag: str, written: str) -> list[Shape] | None:
        """Draw an element, or go into it."""
        if self._count > MAX_SHAPES or (not self._stack and tag != "svg"):
            return None
        attributes = _attributes(written)
        state = self._state(self._stack[-1][1] if self._stack else _State(), attributes)
        if tag in _GROUPS:
            if not written.endswith("/") and len(self._stack) < MAX_DEPTH:
                self._stack.append((tag, replace(state, unseen=state.unseen or tag in _UNSEEN)))
            return self.leave(tag) if written.endswith("/") and tag == "svg" else None
        for shape in self._shapes(tag, attributes, state):
            self._count += 1
            if self._count > MAX_SHAPES:
                break
            for name in state.stores:
                self._kept.setdefault(name, []).append(shape)
            if not state.unseen:
                self.shapes.append(shape)
        return None

    def _state(self, above: _State, attributes: dict[str, str]) -> _State:
        class_fill = next((self._classes[w] for w in attributes.get("class", "").split()[:5] if w in self._classes), "")
        shown = attributes.get("display") != "none" and not {"0", "0.0"} & {
            attributes.get("opacity"), attributes.get("fill-opacity")
        }  # fmt: skip
        return _State(
            matrix=_times(above.matrix, _matrix(attributes)),
            fill=attributes.get("fill") or class_fill or above.fill,
            stroke=attributes.get("stroke") or above.stroke,
            width=_number(attributes.get("stroke-width"), above.width),
            stores=(*above.stores, attributes["id"])[-4:] if attributes.get("id") else above.stores,
            unseen=above.unseen or not shown,
        )

    def _shapes(self, tag: str, attributes: dict[str, str], state: _State) -> Iterator[Shape]:
        dark = _is_dark(state.fill)
        clip = _TARGET.search(attributes.get("clip-path", ""))
        if clip is not None:
            yield from (replace(shape, dark=bool(dark)) for shape in self._kept.get(clip.group(1), ()))
            return
        if tag == "use":
            target = _TARGET.search(attributes.get("href") or attributes.get("xlink:href") or "")
            place = _times(state.matrix, (1, 0, 0, 1, _number(attributes.get("x")), _number(attributes.get("y"))))
            for shape in self._kept.get(target.group(1), ())[:1000] if target else ():
                painted = shape.dark if dark is None or "fill" not in attributes else dark
                yield Shape(tuple(_moved(outline, place) for outline in shape.outlines), painted)
            return
        closed, lines = _outlines(tag, attributes)
        if dark is not None and closed:
            yield Shape(tuple(_moved(outline, state.matrix) for outline in closed), dark)
        ink = _is_dark(state.stroke)
        if ink is not None:
            for line in lines:
                for outline in thickened(line, state.width):
                    yield Shape((_moved(outline, state.matrix),), ink)


def _attributes(written: str) -> dict[str, str]:
    found = {name.lower(): a or b or c for name, a, b, c in _ATTRIBUTE.findall(written)}
    return {**found, **declarations(found["style"])} if "style" in found else found


def _is_dark(colour: str) -> bool | None:
    """Whether a paint is dark; `None` for one that paints nothing."""
    colour = colour.strip().lower()
    if colour in ("none", "transparent"):
        return None
    return True if colour == "currentcolor" or colour.startswith(("url(", "var(")) else is_dark(colour)


def _number(value: str | None, default: float = 0.0) -> float:
    found = _NUMBER.match(value.strip()) if value else None
    return float(found.group()) if found else default


def _outlines(tag: str, attributes: dict[str, str]) -> tuple[list[Outline], list[Outline]]:
    """What an element fills, and what its stroke follows."""
    if tag == "path":
        return outlines_of(attributes.get("d", ""))
    if tag in ("polygon", "polyline"):
        numbers = [float(number) for number in _NUMBER.findall(attributes.get("points", ""))]
        points = list(zip(numbers[::2], numbers[1::2], strict=False))
        return [points], [points]
    if tag == "line":
        x, y, to_x, to_y = (_number(attributes.get(name)) for name in ("x1", "y1", "x2", "y2"))
        return [], [[(x, y), (to_x, to_y)]]
    if tag == "rect":
        x, y, wide, high = (_number(attributes.get(name)) for name in ("x", "y", "width", "height"))
        if "%" in attributes.get("width", ""):
            return [], []  # the ground of the whole picture
        return [[(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)]], []
    x, y = _number(attributes.get("cx")), _number(attributes.get("cy"))
    across = _number(attributes.get("rx") or attributes.get("r"))
    down = _number(attributes.get("ry") or attributes.get("r"))
    turns = (math.tau * step / 12 for step in range(12))
    return [[(x + across * math.cos(turn), y + down * math.sin(turn)) for turn in turns]], []


def _matrix(attributes: dict[str, str]) -> Matrix:
    whole: Matrix = (1, 0, 0, 1, 0, 0)
    for name, written in _TRANSFORM.findall(attributes.get("transform", ""))[:20]:
        numbers = [float(number) for number in _NUMBER.findall(written)][:6]
        whole = _times(whole, _one(name.lower(), numbers))
    return whole


def _one(name: str, numbers: list[float]) -> Matrix:
    match name, numbers:
        case "matrix", [a, b, c, d, e, f]:
            return a, b, c, d, e, f
        case "translate", [x, *rest]:
            return 1, 0, 0, 1, x, rest[0] if rest else 0
        case "scale", [x, *rest]:
            return x, 0, 0, rest[0] if rest else x, 0, 0
        case "rotate", [angle, *rest]:
            turn = math.radians(angle)
            cosine, sine = math.cos(turn), math.sin(turn)
            x, y = rest[:2] if len(rest) >= 2 else (0.0, 0.0)
            return cosine, sine, -sine, cosine, x - cosine * x + sine * y, y - sine * x - cosine * y
    return 1, 0, 0, 1, 0, 0


def _times(outer: Matrix, inner: Matrix) -> Matrix:
    (a, b, c, d, e, f), (g, h, i, j, k, m) = outer, inner
    return a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * m + e, b * k + d * m + f


def _moved(outline: Outline, matrix: Matrix) -> Outline:
    a, b, c, d, e, f = matrix
    return [(a * x + c * y + e, b * x + d * y + f) for x, y in outline]
