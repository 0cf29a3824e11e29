"""Pictures on the first pages of a PDF, as files that a picture reader opens."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from seg_ml.signatures.pdf import open_pdf

if TYPE_CHECKING:
    from pikepdf import Pdf

MAX_PAGES = 5
MAX_PICTURES = 8
MAX_PIXELS = 16_000_000
MIN_SIDE = 25


@lru_cache(maxsize=2)
def pdf_pictures(content: bytes, passwords: tuple[str, ...] = ()) -> tuple[bytes, ...]:
    """The first pictures, none where the file cannot be read."""
    found: list[bytes] = []
    try:
        for password in (None, *passwords):
            pdf = open_pdf(content, password)
            if pdf is not None:
                with pdf:
                    found.extend(_of_pages(pdf))
                break
    except Exception:  # qpdf and Pillow raise anything on hostile bytes
        return tuple(found)
    return tuple(found)


def _of_pages(pdf: Pdf) -> Iterator[bytes]:
    seen: set[Any] = set()
    for page in list(pdf.pages[:MAX_PAGES]):
        for picture in page.images.values():
            if picture.objgen in seen:
                continue
            seen.add(picture.objgen)
            if len(seen) > MAX_PICTURES:
                return
            encoded = _encoded(picture)
            if encoded is not None:
                yield encoded


def _encoded(picture: Any) -> bytes | None:
    from pikepdf import PdfImage

    image = PdfImage(picture)
    if min(image.width, image.height) < MIN_SIDE or image.width * image.height > MAX_PIXELS:
        return None
    if image.filters == ["/DCTDecode"]:
        return bytes(picture.read_raw_bytes())
    buffer = io.BytesIO()
    try:
        image.as_pil_image().convert("L").save(buffer, "BMP")
    except Exception:  # one picture of a kind that is not understood hides none of the others
        return None
    return buffer.getvalue()
