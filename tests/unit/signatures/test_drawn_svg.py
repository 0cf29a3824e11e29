"""Codes in SVG: every way in which programs draw modules is read, drawings are not, hostile files cost a bound."""

from __future__ import annotations

import base64
import gzip
from urllib.parse import quote

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from seg_ml.domain.message import Message, Part
from seg_ml.signatures.barcodes import barcode_links
from seg_ml.signatures.drawn_shapes import painted
from seg_ml.signatures.drawn_svg import drawings_in
from seg_ml.signatures.svg_paths import outlines_of

TARGET = "https://elsewhere.example/login"


def modules() -> list[tuple[int, int]]:
    """The dark ones, as (column, row)."""
    image = zxingcpp.write_barcode_to_image(
        zxingcpp.create_barcode(TARGET, zxingcpp.BarcodeFormat.QRCode), scale=1, add_quiet_zones=False
    )
    view = memoryview(image)
    return [(x, y) for y in range(view.shape[0]) for x in range(view.shape[1]) if view[y, x] < 128]


DARK = modules()
SIDE = max(x for x, _ in DARK) + 1


def every(module: str, size: int = 1) -> str:
    return "".join(module.format(x=x * size, y=y * size, X=(x + 1) * size, Y=(y + 1) * size) for x, y in DARK)


def eye(x: int, y: int) -> str:
    return f"M{x} {y}h7v7h-7zm1 1v5h5v-5zm1 1h3v3h-3z"


EYES = ((0, 0), (SIDE - 7, 0), (0, SIDE - 7))
OTHERS = "".join(
    f"M{x},{y}h1v1h-1z" for x, y in DARK if not any(a <= x < a + 7 and b <= y < b + 7 for a, b in EYES)
)  # fmt: skip
RECT = '<rect x="{x}" y="{y}" width="1" height="1"/>'
DRAWN = {
    "rectangles in millimetres": f'<rect width="100%" height="100%" fill="white"/>{every(RECT.replace("}", "}mm"))}',
    "one path": f'<path d="{every("M{x},{y}H{X}V{Y}H{x}z")}"/>',
    "strokes": f'<path d="M0 0h99v99h-99z" fill="#fff"/><path fill="none" stroke="#000" d="{every("M{x} {y}.5h1")}"/>',
    "eyes with holes": f'<path fill-rule="evenodd" d="{"".join(eye(*at) for at in EYES)}{OTHERS}"/>',
    "repeated": f'<defs><rect id="p" width="7" height="7"/></defs>{every("<use href=#p x={x} y={y} />", 7)}',
    "dots": f'<g fill="rgb(9,9,60)">{every("<circle cx={X} cy={Y} r=4.6 />", 10)}</g>',
    "dots of arcs": f'<path d="{every("M{x} {Y}a5 5 0 1 1 10 0a5 5 0 1 1 -10 0", 10)}"/>',
    "rounded": f'<path d="{every("M{x} {y}h8c1 0 2 1 2 2v6q0 2 -2 2h-8z", 10)}"/>',
    "a clip path": f'<clipPath id="g"><rect width="99" height="99"/></clipPath><clipPath id="m">{every(RECT)}</clipPath>'
    '<rect clip-path="url(#g)" fill="#fff"/><rect width="99" height="99" clip-path="url(\'#m\')" fill="#123"/>',
    "classes": "<style>.l{fill:#fff}.d{fill:#111}</style><rect class=l width=99 height=99 />"
    + every(RECT.replace("<rect", "<rect class='a d'")),
    "light on dark": f'<path d="M-4 -4h99v99h-99z"/><g style="fill:#fff">{every(RECT)}</g>',
    "turned": f'<g transform="translate(9,9) rotate(20 5 5)"><g transform="scale(3)">{every(RECT)}</g></g>',
    "polygons": every('<polygon points="{x},{y} {X},{y} {X},{Y} {x},{Y}"/>'),
    "lines": f'<g stroke="black">{every("<line x1={x} y1={y}.5 x2={X} y2={y}.5 />")}</g>',
}


def svg(inner: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 99 99">{inner}</svg>'


def read(*parts: Part) -> list[str]:
    return [url.href for _, url in barcode_links(Message(b"", parts=parts))]


def page(text: str) -> Part:
    return Part("1", "text/html", text.encode(), text=text)


def file(content: bytes, name: str) -> Part:
    return Part("2", "application/octet-stream", content, filename=name, disposition="attachment")


@pytest.mark.parametrize("name", DRAWN)
def test_every_way_to_draw(name: str) -> None:
    assert read(page(f"<p>Scan this</p>{svg(DRAWN[name])}")) == [TARGET]


def test_a_prefix_of_the_namespace() -> None:
    text = svg(DRAWN["one path"]).replace("<", "<svg:").replace("<svg:/", "</svg:")
    assert read(file(b"<?xml version='1.0'?>" + text.encode(), "code.svg")) == [TARGET]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda content: content.decode().encode("utf-16")])
def test_attached_files(pack: type[bytes]) -> None:
    assert read(file(pack(svg(DRAWN["one path"]).encode()), "code.svg")) == [TARGET]


@pytest.mark.parametrize(
    "address",
    [";base64," + base64.b64encode(svg(DRAWN["one path"]).encode()).decode(), ";utf8," + quote(svg(DRAWN["one path"]))],
)
def test_addresses_of_pictures(address: str) -> None:
    assert read(page(f'<img src="data:image/svg+xml{address}">')) == [TARGET]


def test_a_path_ends_where_it_says() -> None:
    closed, lines = outlines_of("m1 1 2 0 0,2zm9 9L5-5 1e1 .5")
    assert closed == [[(1, 1), (3, 1), (3, 3)], [(10, 10), (5, -5), (10, 0.5)]]
    assert lines == [[(1, 1), (3, 1), (3, 3), (1, 1)], [(10, 10), (5, -5), (10, 0.5)]]


@pytest.mark.parametrize(
    "inner",
    [
        "",
        "<path d='M0 0h9v9z'/>",
        "<rect width=1 height=1 />" * 200,
        every(RECT.replace("<rect", "<rect display=none")),
        every(RECT.replace("<rect", "<rect fill=none")),
        f"<symbol>{every(RECT)}</symbol>",
    ],
    ids=["empty", "logo", "one place", "not shown", "not filled", "never used"],
)
def test_no_code_is_no_link(inner: str) -> None:
    assert read(page(svg(inner))) == []


@pytest.mark.parametrize(
    "source",
    [
        "<svg>" * 100_000,
        "<svg>" + "<g>" * 100_000 + "<rect width=1 height=1 />" * 100,
        "<svg>" + "<rect " * 200_000,
        "<svg><path d='" + "M0 0h1v1z" * 100_000 + "'/></svg>",
        "<svg><path d='" + "1e99 " * 100_000 + "'/></svg>",
        "<svg>" + "<rect x=1e99 y=-1e99 width=1e9 height=1 />" * 200 + every(RECT),
        "<svg><g transform='scale(1e99) scale(1e99) scale(1e99) scale(1e99)'>" + every(RECT),
        "<svg><g id=a><rect width=1 height=1 /><use href=#a />" + "<use href=#a />" * 100_000 + "</g></svg>",
        "<svg>" + "<rect width=9999 height=9999 /><rect width=9998 height=9999 />" * 20_000,
        "<svg><rect x='" * 50_000,
        "<svg transform='" + "scale(2)" * 100_000 + "'/>",
    ],
)
def test_hostile_drawings_are_bounded(source: str) -> None:
    for shapes in drawings_in(source):
        painted(shapes)


TAGS = ["<svg>", "</svg>", "<g id=a>", "</g>", "<use href=#a />", "<clipPath id=b>", "<rect clip-path=url(#b) />", RECT]
ODD = ["<path d='M0 0a", "1e400 -", "z'/>", "<circle r=-5 />", "<polygon points='1 2 3'/>", "<rect x=nan width=inf>"]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([*TAGS, *ODD, every(RECT)[:6000]]), max_size=30))
def test_broken_drawings_never_raise(pieces: list[str]) -> None:
    for shapes in drawings_in("<svg>" + "".join(pieces)):
        painted(shapes)
