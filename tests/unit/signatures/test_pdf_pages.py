"""Pages that draw: which are rendered, within which limits, and who reads them."""

from __future__ import annotations

import io

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from seg_ml.domain.message import Message, Part
from seg_ml.signatures import picture_text
from seg_ml.signatures.pdf_pages import MAX_RENDERED, MIN_STROKES, SIDE, drawn_pages
from seg_ml.signatures.pictures import pages_of

LINES = b"".join(b"72 %d 400 9 re S\n" % (100 + 12 * row) for row in range(MIN_STROKES))
LETTERS = b"BT /F1 12 Tf 72 700 Td (An ordinary letter) Tj ET\n"


def pdf(*pages: bytes, size: tuple[int, int] = (595, 842), nested: int = 0) -> bytes:
    """Pages by their descriptions, each drawn ten times by each of `nested` forms around it."""
    file = pikepdf.new()
    for description in pages:
        resources = pikepdf.Dictionary()
        for _ in range(nested):
            form = file.make_stream(description, Subtype=pikepdf.Name.Form, BBox=[0, 0, *size], Resources=resources)
            resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(A=form))
            description = b"/A Do " * 10
        page = file.add_blank_page().obj
        page.MediaBox, page.Resources, page.Contents = [0, 0, *size], resources, file.make_stream(description)
    buffer = io.BytesIO()
    file.save(buffer)
    return buffer.getvalue()


def mail(*files: bytes) -> Message:
    parts = (
        Part(str(number), "application/pdf", content, filename=f"{number}.pdf", disposition="attachment")
        for number, content in enumerate(files)
    )
    return Message(b"", parts=tuple(parts))


def test_a_page_that_draws_is_rendered_in_grey() -> None:
    (page,) = drawn_pages(pdf(LINES))
    assert (page.picture.mode, max(page.picture.size), page.written) == ("L", SIDE, False)
    assert page.picture.getextrema()[0] < 128 <= page.picture.getpixel((0, 0))


@pytest.mark.parametrize("description", [b"", LETTERS, LETTERS + LINES[:100]], ids=["empty", "letters", "a few lines"])
def test_a_letter_is_not_rendered(description: bytes) -> None:
    assert drawn_pages(pdf(description)) == ()


def test_pages_that_draw_are_found_behind_others_and_counted() -> None:
    assert len(drawn_pages(pdf(LETTERS, LINES + LETTERS, LINES, LINES))) == MAX_RENDERED


def test_whether_letters_are_text_is_told() -> None:
    assert [page.written for page in drawn_pages(pdf(LINES, LINES + LETTERS))] == [False, True]


def test_forms_count_as_often_as_they_are_drawn() -> None:
    assert len(drawn_pages(pdf(LINES, nested=1))) == 1
    assert drawn_pages(pdf(LINES, nested=5)) == ()


@pytest.mark.parametrize("size", [(14_000, 3), (3, 14_000), (1, 1), (0, 0), (10**9, 10**9)])
def test_no_page_is_larger_than_its_bound(size: tuple[int, int]) -> None:
    assert all(max(page.picture.size) <= SIDE for page in drawn_pages(pdf(LINES, size=size)))


def test_a_description_that_inflates_without_end_is_left() -> None:
    assert drawn_pages(pdf(b"0 0 1 1 re f\n" * 3_000_000)) == ()


def test_of_many_files_the_first_are_rendered() -> None:
    found = pages_of(mail(*(pdf(LINES, b"q" * number) for number in range(9))), without=["0"])
    assert [part.path for part, _ in found] == ["1", "2", "3"]


def test_only_pages_without_text_are_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[tuple[int, int]] = []

    def recognise(picture: Image.Image) -> tuple[str, ...]:
        read.append(picture.size)
        return ("Please sign in",)

    monkeypatch.setattr(picture_text, "reader", lambda: recognise)
    assert picture_text.text_of_pictures(mail(pdf(LINES, LINES + LETTERS))) == "Please sign in"
    assert len(read) == 1


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_hostile_files_never_raise(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from([pdf(LINES + LETTERS), pdf(LINES, nested=2)])))
    places = st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255))
    for at, value in data.draw(st.lists(places, max_size=12)):
        content[at] = value
    drawn_pages(bytes(content[: data.draw(st.sampled_from([len(content), len(content) // 2]))]))
