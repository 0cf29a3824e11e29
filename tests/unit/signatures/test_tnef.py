"""Names of the files in winmail.dat: the long one wins, wherever it stands; damage ends the list."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seg_ml.signatures.tnef import tnef_files

sys.path.append(str(Path(__file__).parents[2] / "fixtures" / "signatures"))
from packed_files import attribute, properties, winmail

HEAD = b"\x78\x9f\x3e\x22\x01\x00"
LONG, LONG_W, EXTENSION, DISPLAYED = 0x3707001E, 0x3707001F, 0x3703001F, 0x3001001E


@pytest.mark.parametrize(
    ("title", "values", "name"),
    [
        ("INVOIC~1.EXE", [(LONG_W, "invoice.pdf.exe")], "invoice.pdf.exe"),
        ("INVOIC~1.EXE", [(LONG, "facture d'\u00e9t\u00e9.pdf.exe")], "facture d'\u00e9t\u00e9.pdf.exe"),
        ("A~1.EXE", [(LONG, "?.exe"), (LONG_W, "\u0441\u0447\u0451\u0442.exe")], "\u0441\u0447\u0451\u0442.exe"),
        ("A~1.EXE", [(LONG_W, "\u0441\u0447\u0451\u0442.exe"), (LONG, "?.exe")], "\u0441\u0447\u0451\u0442.exe"),
        ("ORDER", [(EXTENSION, ".js")], "ORDER.js"),
        ("ORDER.TXT", [(EXTENSION, ".js")], "ORDER.TXT"),
        ("", [(EXTENSION, "js"), (DISPLAYED, "An order")], "An order.js"),
        ("", [(EXTENSION, ".js")], "file.js"),
        ("", [(DISPLAYED, "An order")], "An order"),
        ("NOTES.TXT", [], "NOTES.TXT"),
    ],
)
def test_the_name_that_outlook_shows(title: str, values: list[tuple[int, str]], name: str) -> None:
    _, _, content = winmail((title, b"content", values))
    assert list(tnef_files(content, 100)) == [(name, b"content")]


def test_each_file_has_its_own_name() -> None:
    _, _, content = winmail(("A~1.TXT", b"1", [(LONG_W, "first.txt")]), ("B.TXT", b"2", []), ("C", b"3", []))
    assert [name for name, _ in tnef_files(content, 9)] == ["first.txt", "B.TXT", "C"]


def test_files_without_a_mark_of_their_beginning_are_told_apart() -> None:
    content = HEAD + b"".join(
        attribute(number, data)
        for number, data in ((0x18010, b"a.txt\0"), (0x6800F, b"1"), (0x18010, b"b.txt\0"), (0x6800F, b"2"))
    )
    assert list(tnef_files(content, 9)) == [("a.txt", b"1"), ("b.txt", b"2")]


def test_an_attached_object_is_the_content_where_there_is_no_other() -> None:
    value = bytes(16) + HEAD
    held = struct.pack("<IHHII", 1, 0x000D, 0x3701, 1, len(value)) + value + bytes(-len(value) % 4)
    content = HEAD + attribute(0x69002, bytes(14)) + attribute(0x69005, held)
    assert list(tnef_files(content, 99)) == [("file", HEAD)]


@pytest.mark.parametrize(
    "held",
    [b"", b"\xff" * 9, struct.pack("<IHHI", 9, 0x1003, 1, 0xFFFFFFFF), struct.pack("<IHHI", 9, 0x101F, 1, 0xFFFFFFFF),
     struct.pack("<IHH", 9, 0x9999, 1), struct.pack("<I", 0xFFFFFFFF) + struct.pack("<HHI", 3, 1, 0) * 50_000],
)  # fmt: skip
def test_what_is_not_understood_takes_no_name_away(held: bytes) -> None:
    content = HEAD + attribute(0x18010, b"a.txt\0") + attribute(0x6800F, b"1") + attribute(0x69005, held)
    assert list(tnef_files(content, 9)) == [("a.txt", b"1")]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(6, 300), st.integers(0, 255)), max_size=12), st.integers(0, 400))
def test_damaged_ones_never_raise(changes: list[tuple[int, int]], end: int) -> None:
    _, _, whole = winmail(("A~1.EXE", b"1234", [(LONG_W, "invoice.pdf.exe"), (EXTENSION, ".exe")]))
    content = bytearray(whole)
    for at, value in changes:
        content[at % len(content)] = value
    assert all(len(data) <= 4 for _, data in tnef_files(bytes(content[:end]), 4))
    assert properties()
