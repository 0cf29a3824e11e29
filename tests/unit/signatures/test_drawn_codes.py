"""Codes of letters and of cells: every way to draw one is read, and hostile text costs a bounded effort."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import zxingcpp

from seg_ml.domain.message import Message, Part
from seg_ml.signatures.barcodes import barcode_links
from seg_ml.signatures.drawn_codes import MAX_DRAWINGS, drawings_of, may_hold_drawings
from seg_ml.signatures.drawn_tables import grids_of

TARGET = "https://elsewhere.example/login"
Grid = list[list[bool]]


def modules() -> Grid:
    image = zxingcpp.write_barcode_to_image(
        zxingcpp.create_barcode(TARGET, zxingcpp.BarcodeFormat.QRCode), scale=1, add_quiet_zones=False
    )
    view = memoryview(image)
    return [[view[y, x] < 128 for x in range(view.shape[1])] for y in range(view.shape[0])]


def mail(text: str, content_type: str = "text/plain") -> Message:
    return Message(b"", parts=(Part("1", content_type, b"", text=text),))


def halves(grid: Grid, letters: str = " ▀▄█") -> str:
    """Two rows a line; a light row is added below an odd one."""
    rows = [*grid, [False] * len(grid[0])]
    pairs = zip(rows[::2], rows[1::2], strict=False)
    return "\n".join("".join(letters[a + 2 * b] for a, b in zip(upper, lower, strict=True)) for upper, lower in pairs)


def cells(grid: Grid, dark: str, light: str = "<td>") -> str:
    rows = ("".join(dark if cell else light for cell in row) for row in grid)
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def margin(grid: Grid, wide: int = 4) -> Grid:
    empty = [[False] * (len(grid[0]) + 2 * wide)] * wide
    return [*empty, *([False] * wide + row + [False] * wide for row in grid), *empty]


def read(message: Message) -> list[str]:
    return [url.href for _, url in barcode_links(message)]


@pytest.mark.parametrize(
    "draw",
    [
        halves,
        lambda grid: halves(margin(grid), "█▄▀ "),
        lambda grid: "\n".join("".join("██" if cell else "  " for cell in row) for row in grid),
        lambda grid: "\n".join("".join("⬛" if cell else "⬜" for cell in row) for row in grid),
        lambda grid: "Please scan:\r\n\r\n" + halves(grid).replace("\n", "\r\n\r\n") + "\r\n\r\nThanks",
    ],
    ids=["halves", "light on dark", "two letters a module", "squares", "among text, with empty lines"],
)
def test_letters(draw: Callable[[Grid], str]) -> None:
    assert read(mail(draw(modules()))) == [TARGET]


@pytest.mark.parametrize(
    ("dark", "light"),
    [
        ("<td bgcolor=black>", "<td bgcolor=white>"),
        ('<td style="width:4px; background-color: #000000">', "<td style='width:4px'>"),
        ("<TD STYLE='BACKGROUND:rgb(10, 10, 10)'>", "<TD>"),
        ("<td class='x k'>", "<td class=x>"),
        ("<td><table><tr><td></table>", '<td bgcolor="#fff">'),
    ],
    ids=["bgcolor", "style", "capitals", "classes", "on a dark table"],
)
def test_cells(dark: str, light: str) -> None:
    page = cells(modules(), dark, light)
    if "<table>" in dark:
        page = page.replace("<table>", "<table bgcolor=#000>", 1)
    assert read(mail(f"<style>.k {{ background: #111 }}</style>{page}", "text/html")) == [TARGET]


def test_letters_of_a_page_are_entities_in_lines_of_any_kind() -> None:
    page = halves(modules()).replace("█", "&#x2588;").replace("▀", "&#9600;").replace(" ", "&nbsp;")
    assert read(mail("<div>" + page.replace("\n", "</div><div>") + "</div>", "text/html")) == [TARGET]


@pytest.mark.parametrize("text", ["", "Dear Bob", "A box: ████ ▀▀ and no more", "<td>" * 400])
def test_ordinary_text_is_not_looked_at(text: str) -> None:
    assert not may_hold_drawings(mail(text))


@pytest.mark.parametrize(
    "page",
    [
        cells([[True] * 25] * 25, "<td bgcolor=#000>"),
        cells([[(x * y) % 3 == 0 for x in range(8)] for y in range(40)], "<td bgcolor=#000>"),
        cells([[False] * 25] * 25, "<td bgcolor=#000>"),
    ],
    ids=["all dark", "no square", "all light"],
)
def test_a_table_of_another_shape_is_no_code(page: str) -> None:
    assert list(grids_of(page)) == []


@pytest.mark.parametrize(
    ("text", "content_type"),
    [
        ("█" * 300_000, "text/plain"),
        ("███\n" * 100_000, "text/plain"),
        ((("█ " * 300 + "\n") * 12 + "x\n") * 50, "text/plain"),
        ("&#9608;" * 100_000, "text/html"),
        ("<td " * 200_000, "text/html"),
        ("<table>" * 50_000 + "<tr>" + "<td bgcolor=#000>" * 50_000, "text/html"),
        ("<table><tr>" + "<td style=' background:" * 50_000 + ">" + "<td>" * 200, "text/html"),
        (".a{" * 200_000 + "<td>" * 200, "text/html"),
        ("<table>" + "<tr><td colspan=99999999999999999999>" * 200, "text/html"),
        ("<table><tr><td width=²>" * 200, "text/html"),
    ],
)
def test_hostile_text_is_data(text: str, content_type: str) -> None:
    message = mail(text, content_type)
    assert len(list(drawings_of(message))) <= MAX_DRAWINGS
    assert read(message) == []
