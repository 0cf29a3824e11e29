"""Codes of coloured boxes: rows, wrapped cells, places and shadows are read; layouts of mail are not."""

from __future__ import annotations

import pytest
import zxingcpp

from seg_ml.domain.message import Message, Part
from seg_ml.signatures.barcodes import barcode_links
from seg_ml.signatures.drawn_boxes import boxes_of
from seg_ml.signatures.drawn_codes import may_hold_drawings

TARGET = "https://elsewhere.example/login"


def modules() -> list[list[bool]]:
    image = zxingcpp.write_barcode_to_image(
        zxingcpp.create_barcode(TARGET, zxingcpp.BarcodeFormat.QRCode), scale=1, add_quiet_zones=False
    )
    view = memoryview(image)
    return [[view[y, x] < 128 for x in range(view.shape[1])] for y in range(view.shape[0])]


GRID = modules()
SIDE = len(GRID)
DARK = [(x, y) for y in range(SIDE) for x in range(SIDE) if GRID[y][x]]
CELL = '<span style="display:inline-block;width:4px;height:4px;background:{}"></span>'


def cells(dark: str, light: str, row: str = "<div>{}</div>") -> str:
    return "".join(row.format("".join(dark if cell else light for cell in line)) for line in GRID)


def runs() -> str:
    """Neighbours of one colour as one box."""
    page = ""
    for line in GRID:
        starts = [x for x in range(SIDE) if x == 0 or line[x] != line[x - 1]]
        for start, end in zip(starts, [*starts[1:], SIDE], strict=True):
            colour = "#111" if line[start] else "white"
            page += f"<span style='width:{5 * (end - start)}px;background-color:{colour}'></span>"
        page += "<br>"
    return page


PLACE = "<div style='position:absolute;left:{}px;top:{}px;width:4px;height:4px;background:#000'></div>"
DRAWN = {
    "rows": cells(CELL.format("#000"), CELL.format("#fff")),
    "runs": runs(),
    "lines": "<style>.k{background:black}</style>" + cells("<i class=k></i>", "<i></i>", "{}<br>"),
    "text in the cells": cells("<b style='background:#000'>&nbsp;&nbsp;</b>", "<b>&nbsp;&nbsp;</b>"),
    "wrapped": f"<div style='width:{4 * SIDE}px'>"
    + cells("<b style='float:left;width:4px;background:#000'></b>", "<b style='width:4px'></b>", "{}"),
    "a grid": "<style>.d{background:#222}</style>" + cells("<div class=d></div>", "<div></div>", "{}"),
    "places": "".join(PLACE.format(4 * x, 4 * y) for x, y in DARK),
    "shadows": f"<div style='box-shadow:{','.join(f'{4 * x}px {4 * y}px 0 #000' for x, y in DARK)}'></div>",
    "shadows of a style sheet": f"<style>#q{{box-shadow:{','.join(f'{x}em {y}em' for x, y in DARK)}}}</style>",
}


def mail(page: str) -> Message:
    return Message(b"", parts=(Part("1", "text/html", b"", text=page),))


@pytest.mark.parametrize("name", DRAWN)
def test_every_way_to_draw(name: str) -> None:
    page = (
        f"<html><body><div><div class=card><p>Scan</p><div>{DRAWN[name]}</div><p>Thanks</p></div></div></body></html>"
    )
    assert [url.href for _, url in barcode_links(mail(page))] == [TARGET]


@pytest.mark.parametrize(
    "page",
    [
        "<div style='background:#fff'><p>Hello</p></div>",
        "<div style='background:#000'>" + "<span>word</span>" * 100,
        "<a style='box-shadow: 0 2px 4px rgba(0,0,0,.2), 0 0 1px #000'>a button</a>" * 100,
    ],
)
def test_ordinary_pages_are_not_looked_at(page: str) -> None:
    assert not may_hold_drawings(mail(page))


@pytest.mark.parametrize(
    "page",
    [
        "<div style='background:#000'>" + "<div><span>a</span><span>b</span></div>" * 200 + "</div>",
        "<div>" + "<i style='background:#000'></i>" * 625 + "</div>",
        "<div>" + ("<div>" + "<i style='background:#000'></i><i></i>" * 4 + "</div>") * 40 + "</div>",
    ],
    ids=["list", "all dark", "no square"],
)
def test_layouts_are_no_codes(page: str) -> None:
    drawn = boxes_of(page)
    assert (drawn.grids, drawn.shapes) == ([], [])


@pytest.mark.parametrize(
    "page",
    [
        "<div style='background:#000'>" * 50_000,
        "<div>" + "<i style='background:#000'></i>" * 100_000,
        "<div " * 200_000,
        "</div>" * 200_000 + "background",
        "<div>" + "<span></div>" * 50_000,
        "<div style='left:1e9px;top:-99999px;width:99999px;background:#000'></div>" * 50_000,
        "box-shadow:" + "1px " * 200_000,
        "box-shadow:" + ",".join(f"{n}px {n}px" for n in range(60_000)),
        "<style>" + ".a{background:#000}" * 50_000 + "<div>" * 200,
        "<div class='" + "a " * 100_000 + "' style='" + "a:b;" * 100_000 + "background'>" + "<div>" * 200,
    ],
)
def test_hostile_pages_are_bounded(page: str) -> None:
    assert barcode_links(mail(page)) == ()
