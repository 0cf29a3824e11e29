"""Polygons that are dark or light, painted in their order, as a picture in which a code can be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

Point = tuple[float, float]
Outline = list[Point]

MIN_SHAPES, MAX_SHAPES = 60, 40_000
"""The largest QR code has 31,329 modules (ISO/IEC 18004 §5.1); the smallest, drawn by runs, some hundred."""

SIDE = 1200
"""Pixels of the longer side, before a margin."""

MARGIN = 40
MAX_PLACE = 1e7
MAX_PAINTED = 60_000_000
"""Pixels that are painted in all, some of them more than once."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Closed outlines of one colour; where one lies inside another, it is a hole."""

    outlines: tuple[Outline, ...]
    dark: bool


def painted(shapes: Iterable[Shape]) -> Image | None:
    """A picture in grey that the dark shapes fill; `None` where they are too few, or no picture at all."""
    kept = _joined([shape for shape in islice(shapes, MAX_SHAPES) if _is_sane(shape)])
    points = [point for shape in kept if shape.dark for outline in shape.outlines for point in outline]
    if sum(len(shape.outlines) for shape in kept) < MIN_SHAPES or not points:
        return None
    left, top = min(x for x, _ in points), min(y for _, y in points)
    right, bottom = max(x for x, _ in points), max(y for _, y in points)
    longer = max(right - left, bottom - top)
    if not longer:
        return None
    return _Canvas(left, top, SIDE / longer, right - left, bottom - top).paint(kept)


def _is_sane(shape: Shape) -> bool:
    return all(abs(x) < MAX_PLACE and abs(y) < MAX_PLACE for outline in shape.outlines for x, y in outline)


def _joined(shapes: list[Shape]) -> list[Shape]:
    """Dots and other modules that do not touch, grown to squares that do; readers look for closed corners."""
    extents = {id(outline): _extent(outline) for shape in shapes if shape.dark for outline in shape.outlines if outline}
    sizes = Counter((round(wide, 3), round(high, 3)) for _, _, wide, high in extents.values())
    (size, count), *_ = sizes.most_common(1) or [((0.0, 0.0), 0)]
    if count < MIN_SHAPES or not 0.8 * size[0] < size[1] < 1.25 * size[0]:
        return shapes
    modules = {key: extent for key, extent in extents.items() if (round(extent[2], 3), round(extent[3], 3)) == size}
    across = sorted({round(x, 3) for x, *_ in modules.values()})
    pitch = min((b - a for a, b in pairwise(across) if b - a > size[0] / 2), default=0.0)
    if not 0.95 * size[0] <= pitch <= 2 * size[0]:
        return shapes
    return [
        Shape(tuple(_square(modules[id(o)], pitch) if id(o) in modules else o for o in shape.outlines), shape.dark)
        for shape in shapes
    ]


def _extent(outline: Outline) -> tuple[float, float, float, float]:
    """Centre, width and height."""
    across, down = [x for x, _ in outline], [y for _, y in outline]
    left, right, top, bottom = min(across), max(across), min(down), max(down)
    return (left + right) / 2, (top + bottom) / 2, right - left, bottom - top


def _square(extent: tuple[float, float, float, float], side: float) -> Outline:
    x, y, half = extent[0], extent[1], side / 2
    return [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]


class _Canvas:
    def __init__(self, left: float, top: float, scale: float, width: float, height: float) -> None:
        from PIL import Image as images

        self._left, self._top, self._scale = left, top, scale
        size = (round(width * scale) + 2 * MARGIN, round(height * scale) + 2 * MARGIN)
        self._picture = images.new("L", size, 255)
        self._pixels = MAX_PAINTED

    def paint(self, shapes: list[Shape]) -> Image:
        for shape in shapes:
            placed = [[self._place(point) for point in outline] for outline in shape.outlines if len(outline) > 2]
            boxes = [box for outline in placed if (box := self._box(outline)) is not None]
            if not boxes:
                continue
            self._pixels -= sum((box[2] - box[0]) * (box[3] - box[1]) for box in boxes)
            if self._pixels < 0:
                break
            self._fill(placed, 0 if shape.dark else 255)
        return self._picture

    def _place(self, point: Point) -> tuple[int, int]:
        # What lies outside cannot be told from what touches the margin.
        x = (point[0] - self._left) * self._scale + MARGIN
        y = (point[1] - self._top) * self._scale + MARGIN
        width, height = self._picture.size
        return round(min(max(x, 0), width)), round(min(max(y, 0), height))

    def _box(self, outline: list[tuple[int, int]]) -> tuple[int, int, int, int] | None:
        across, down = [x for x, _ in outline], [y for _, y in outline]
        box = (min(across), min(down), max(across), max(down))
        return box if box[0] < box[2] and box[1] < box[3] else None

    def _fill(self, outlines: list[list[tuple[int, int]]], grey: int) -> None:
        """Each outline turns over what it encloses: a second one inside the first leaves a hole."""
        from PIL import Image as images
        from PIL import ImageChops

        boxes = [self._box(outline) for outline in outlines]
        whole = [box for box in boxes if box is not None]
        area = (min(b[0] for b in whole), min(b[1] for b in whole), max(b[2] for b in whole), max(b[3] for b in whole))
        mask = images.new("1", (area[2] - area[0], area[3] - area[1]), 0)
        for outline, box in zip(outlines, boxes, strict=True):
            if box is None:
                continue
            inner = _mask(outline, box)
            place = (box[0] - area[0], box[1] - area[1], box[2] - area[0], box[3] - area[1])
            mask.paste(ImageChops.logical_xor(mask.crop(place), inner), place)
        self._picture.paste(grey, area, mask)


def _mask(outline: list[tuple[int, int]], box: tuple[int, int, int, int]) -> Image:
    """What one outline encloses, its right and lower edge left out, so that neighbours do not meet."""
    from PIL import Image as images
    from PIL import ImageDraw

    size = (box[2] - box[0], box[3] - box[1])
    corners = {(x, y) for x in (box[0], box[2]) for y in (box[1], box[3])}
    if set(outline) == corners:
        return images.new("1", size, 1)
    mask = images.new("1", size, 0)
    ImageDraw.Draw(mask).polygon([(x - box[0], y - box[1]) for x, y in outline], fill=1)
    return mask
