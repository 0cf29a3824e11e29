"""PDF facts: what qpdf sees, what the bytes say, and that hostile files are data."""

from __future__ import annotations

import base64
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seg_ml.signatures.pdf import pdf_facts
from seg_ml.signatures.pdf_pictures import pdf_pictures

FIXTURES = Path(__file__).parents[2] / "fixtures" / "signatures"


def attached(path: Path) -> bytes:
    return base64.b64decode(path.read_bytes().partition(b"base64\n\n")[2].partition(b"\n--")[0])


FILES = [
    attached(path)
    for folder in ("pdf-action", "qr-link", "embedded-executable", "attachment-link")
    for path in sorted((FIXTURES / folder).glob("*.eml"))
    if b"application/pdf" in path.read_bytes()
]


@pytest.mark.parametrize("passwords", [("tulip-77",), ("wrong", "tulip-77")])
def test_a_password_opens(passwords: tuple[str, ...]) -> None:
    facts = pdf_facts(attached(FIXTURES / "attachment-link" / "fires_locked_pdf.eml"), passwords)
    assert (facts.locked, facts.password, facts.links) == (False, "tulip-77", ("https://secure-netflix.com/login",))


def test_without_a_password_nothing_is_guessed() -> None:
    facts = pdf_facts(attached(FIXTURES / "attachment-link" / "fires_locked_pdf.eml"), ("wrong",))
    assert facts.locked
    assert facts.links == ()


def test_files_inside_keep_their_names() -> None:
    facts = pdf_facts(attached(FIXTURES / "embedded-executable" / "fires_pdf.eml"))
    assert facts.files == (("order.js", b"var a = 1;"),)


def test_a_damaged_file_is_still_read_by_its_bytes() -> None:
    content = b"%PDF-1.4\n1 0 obj << /Type /Catalog /OpenAction << /S /JavaScript /JS (x) >> >> garbage"
    assert {"OpenAction", "JavaScript"} <= pdf_facts(content).names


def test_a_stream_that_inflates_without_end_is_cut() -> None:
    stream = zlib.compress(bytes(200 << 20), 9)
    head = b"%PDF-1.5\n1 0 obj << /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length " + str(len(stream)).encode()
    assert pdf_facts(head + b" >> stream\n" + stream + b"\nendstream endobj").files == ()


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_hostile_files_never_raise(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(FILES)))
    places = st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255))
    for at, value in data.draw(st.lists(places, max_size=12)):
        content[at] = value
    hostile = bytes(content[: data.draw(st.sampled_from([len(content), len(content) // 2, len(content) - 30]))])
    pdf_facts(hostile, ("tulip-77",))
    pdf_pictures(hostile)
