"""Pages of a PDF that draw what they show, as pictures: a QR code of paths or of slices is no embedded picture.
And what is written on the first pages, as text.

Rendered by PDFium, which is not thread-safe, one page at a time and only where qpdf says that it is worth it.
"""

from __future__ import annotations

import ctypes
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from seg_ml.signatures.pdf import open_pdf

if TYPE_CHECKING:
    from pikepdf import Pdf
    from PIL.Image import Image

MAX_FILE = 32 << 20
MAX_PAGES = 5
"""Pages that are looked at; of them the first `MAX_RENDERED` that draw are rendered."""

MAX_RENDERED = 2
SIDE = 1600
"""Pixels of a rendered page's longer side: 137 dots an inch for A4."""

MAX_SCALE = 8.0
MAX_WORK = 8 << 20
"""Octets of page description that PDFium would read for one page, forms as often as they are drawn."""

MAX_READ = 1 << 20
"""... and of a page whose text is read, which cannot be interrupted."""

MAX_LETTERS = 20_000
MAX_DEPTH = 6
SECONDS = 1.0
"""Of rendering one page; what was drawn until then is the picture."""

MIN_STROKES = 40
"""The smallest QR code has 21 rows, each of several runs; a letterhead has a few lines."""

MIN_SLICES = 2

_STROKE = re.compile(rb"[\s\d](?:re|l|c|v|y|sh)(?=\s)")
_DRAWN = re.compile(rb"\bDo\b")
_INLINE = re.compile(rb"\bBI\s")
_WRITTEN = re.compile(rb"[\])>]\s{0,20}T[jJ]\b")


@dataclass(frozen=True, slots=True)
class Page:
    """A rendered page in grey. `written` where it holds text that needs no recognition."""

    picture: Image
    written: bool


@dataclass(frozen=True, slots=True)
class _Drawing:
    """An upper bound of what a page description draws. `work` is in octets."""

    work: int = 0
    strokes: int = 0
    pictures: int = 0
    written: bool = False

    @property
    def is_worth_it(self) -> bool:
        return self.work <= MAX_WORK and (self.strokes >= MIN_STROKES or self.pictures >= MIN_SLICES)


@lru_cache(maxsize=2)
def drawn_pages(content: bytes, passwords: tuple[str, ...] = ()) -> tuple[Page, ...]:
    """The first pages that draw more than letters and one picture, none where the file cannot be read."""
    found: list[Page] = []
    if len(content) > MAX_FILE:
        return ()
    try:
        for password in (None, *passwords):
            pdf = open_pdf(content, password)
            if pdf is not None:
                with pdf:
                    wanted = [(number, drawing) for number, drawing in _weighed(pdf) if drawing.is_worth_it]
                found.extend(_rendered(content, password, wanted[:MAX_RENDERED]))
                break
    except Exception:  # qpdf and PDFium raise anything on hostile bytes
        return tuple(found)
    return tuple(found)


@lru_cache(maxsize=2)
def written_text(content: bytes, passwords: tuple[str, ...] = ()) -> str:
    """What is written on the first pages, empty where the file cannot be read."""
    if len(content) > MAX_FILE:
        return ""
    try:
        for password in (None, *passwords):
            pdf = open_pdf(content, password)
            if pdf is not None:
                with pdf:
                    weighed = list(_weighed(pdf))
                wanted = [number for number, drawing in weighed if drawing.written and drawing.work <= MAX_READ]
                return "\n".join(_read(content, password, wanted[:MAX_RENDERED]))
    except Exception:  # qpdf and PDFium raise anything on hostile bytes
        return ""
    return ""


def _read(content: bytes, password: str | None, wanted: list[int]) -> Iterator[str]:
    if not wanted:
        return
    with _LOCK:
        import pypdfium2

        document = pypdfium2.PdfDocument(content, password=password)
        try:
            for number in wanted:
                page = document[number]
                letters = page.get_textpage()
                try:
                    yield letters.get_text_range(0, min(MAX_LETTERS, letters.count_chars())).replace("\r\n", "\n")
                finally:
                    letters.close()
                    page.close()
        finally:
            document.close()


def _weighed(pdf: Pdf) -> Iterator[tuple[int, _Drawing]]:
    for number, page in enumerate(list(pdf.pages[:MAX_PAGES])):
        try:
            drawing = _Scales().weigh(_description(page), page.resources, 0)
        except Exception:  # one page that cannot be read hides none of the others
            drawing = _Drawing()
        yield number, drawing


def _description(page: Any) -> bytes:
    """What a page draws; its streams read as one (ISO 32000-1 §7.8.2)."""
    from pikepdf import Array

    contents = page.obj.get("/Contents", [])
    streams = list(contents) if isinstance(contents, list | Array) else [contents]
    return b"\n".join(stream.read_bytes() for stream in streams)


class _Scales:
    """Weighs the description of a page and of its forms (ISO 32000-1 §8.10), each form once.

    Every `Do` counts as the heaviest thing it could draw: names are not resolved, so no spelling of one hides.
    """

    def __init__(self) -> None:
        self._known: dict[Any, _Drawing] = {}

    def weigh(self, description: bytes, resources: Any, depth: int) -> _Drawing:
        times = sum(1 for _ in _DRAWN.finditer(description))
        inner = [self._of(item, resources, depth + 1) for item in _objects(resources)] if times else []
        return _Drawing(
            work=len(description) + times * max((drawing.work for drawing in inner), default=0),
            strokes=_count(_STROKE, description) + times * max((drawing.strokes for drawing in inner), default=0),
            pictures=_count(_INLINE, description) * MIN_SLICES
            + min(times, len(inner)) * max((drawing.pictures for drawing in inner), default=0),
            written=_WRITTEN.search(description) is not None or any(drawing.written for drawing in inner),
        )

    def _of(self, item: Any, resources: Any, depth: int) -> _Drawing:
        if item.get("/Subtype") != "/Form":
            return _Drawing(pictures=1)
        if item.objgen not in self._known:
            self._known[item.objgen] = _Drawing(work=MAX_WORK + 1)  # stands for a form that draws itself
            if depth < MAX_DEPTH:
                own = item.get("/Resources", resources)
                self._known[item.objgen] = self.weigh(item.read_bytes(), own, depth)
        return self._known[item.objgen]


def _count(pattern: re.Pattern[bytes], description: bytes) -> int:
    return sum(1 for _ in pattern.finditer(description))


def _objects(resources: Any) -> list[Any]:
    return list(resources.get("/XObject", {}).values()) if resources is not None else []


_LOCK = threading.Lock()


def _rendered(content: bytes, password: str | None, wanted: list[tuple[int, _Drawing]]) -> Iterator[Page]:
    if not wanted:
        return
    with _LOCK:
        import pypdfium2

        document = pypdfium2.PdfDocument(content, password=password)
        try:
            for number, drawing in wanted:
                page = document[number]
                try:
                    yield Page(_picture(page), drawing.written)
                finally:
                    page.close()
        finally:
            document.close()


def _picture(page: Any) -> Image:
    """One page on white, at most `SIDE` pixels a side."""
    from PIL import Image as images
    from pypdfium2 import raw

    points = page.get_size()
    scale = min(SIDE / max(points), MAX_SCALE)
    width, height = (max(1, min(SIDE, round(side * scale))) for side in points)
    pixels = bytearray(b"\xff" * (width * height))
    buffer = (ctypes.c_ubyte * len(pixels)).from_buffer(pixels)
    bitmap = raw.FPDFBitmap_CreateEx(width, height, raw.FPDFBitmap_Gray, buffer, width)
    try:
        pause = _pause(raw, time.monotonic() + SECONDS)
        raw.FPDF_RenderPageBitmap_Start(bitmap, page, 0, 0, width, height, 0, raw.FPDF_ANNOT, pause)
        raw.FPDF_RenderPage_Close(page)
    finally:
        raw.FPDFBitmap_Destroy(bitmap)
    return images.frombytes("L", (width, height), bytes(pixels))


def _pause(raw: Any, until: float) -> Any:
    """What PDFium asks every hundred objects: whether to stop."""
    pause = raw.IFSDK_PAUSE(version=1)
    pause.NeedToPauseNow = dict(raw.IFSDK_PAUSE._fields_)["NeedToPauseNow"](lambda _: time.monotonic() > until)
    return pause
