"""Files in encoded text: every form comes out as it went in, prose stays prose, and the effort is bounded."""

from __future__ import annotations

import binascii
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seg_ml.domain.message import Message, Part
from seg_ml.signatures.archives import archives_of
from seg_ml.signatures.unpack.encodings import may_hold_encoded
from seg_ml.signatures.unpack.limits import ArchiveLimits

DATA = random.Random(7).randbytes(500) + b"\x90" * 5 + bytes(300) + b"=\r\n end"


def uuencoded(data: bytes, name: str = "a.bin") -> bytes:
    lines = [binascii.b2a_uu(data[at : at + 45]) for at in range(0, len(data), 45)]
    return f"begin 644 {name}\n".encode() + b"".join(lines) + b"`\nend\n"


def base64ed(data: bytes) -> bytes:
    return b"begin-base64 644 a.bin\n" + binascii.b2a_base64(data) + b"====\n"


def yenced(data: bytes) -> bytes:
    body = b"".join(
        b"=" + bytes([(octet + 106) % 256]) if (octet + 42) % 256 in (0, 10, 13, 61) else bytes([(octet + 42) % 256])
        for octet in data
    )
    return b"=ybegin line=128 size=9 name=a.bin\r\n=ypart begin=1 end=9\r\n" + body + b"\r\n=yend size=9\r\n"


def members(text: bytes, limits: ArchiveLimits | None = None) -> list[tuple[str | None, bytes]]:
    message = Message(b"", parts=(Part("1", "text/plain", text, text=text.decode("latin-1")),))
    archives = archives_of(message, limits) if limits else archives_of(message)
    return [(member.filename, member.content) for archive in archives for member in archive.members]


@pytest.mark.parametrize("encode", [uuencoded, base64ed, yenced])
def test_what_went_in_comes_out(encode: object) -> None:
    assert callable(encode)
    assert members(b"Dear Bob,\n\n" + encode(DATA) + b"\nRegards") == [("a.bin", DATA)]


def test_several_files_and_lines_that_other_programs_pad() -> None:
    padded = uuencoded(DATA, "b.bin").replace(b"\n", b"  \r\n").replace(b"end  ", b"end")
    found = dict(members(uuencoded(DATA) + b"\n" + padded))
    assert found == {"a.bin": DATA, "b.bin": DATA}


def test_a_file_behind_one_that_is_broken_is_found() -> None:
    assert ("b.bin", DATA) in members(b"begin 644 a.bin\n" + uuencoded(DATA, "b.bin"))


@pytest.mark.parametrize(
    "text",
    [
        b"We begin 644 metres below",
        b"begin with the first one\nend\n",
        b"begin 644\n",
        b"=ybegin is how yEnc starts",
        b"(This file must be converted with BinHex 4.0) is what stood there",
        b"(This file must be converted with BinHex 4.0)\n:::",
        b"begin 644 a\nend\n",
    ],
)
def test_prose_holds_no_file(text: bytes) -> None:
    assert members(text) == []


def test_most_texts_are_not_looked_at() -> None:
    assert not may_hold_encoded(b"Let us begin. The end is near. " * 100)


def test_runs_expand_within_the_limits() -> None:
    head = b"\1a\0BINAhDmp\0\0" + (1 << 24).to_bytes(4, "big") + bytes(6)
    digits = binascii.b2a_base64(head + b"x\x90\xff" * 60_000, newline=False).rstrip(b"=")
    hqx = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
    plain = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    text = b"(This file must be converted with BinHex 4.0)\n:" + digits.translate(bytes.maketrans(plain, hqx)) + b":"
    message = Message(b"", parts=(Part("1", "text/plain", text, text=""),))
    (archive,) = archives_of(message, ArchiveLimits(expanded=1 << 20))
    assert (archive.members, archive.limit) == ((), "archive-size-limit")


@pytest.mark.parametrize(
    "line", [b"begin 644 a\n", b"begin 644 a\n!\n", b"=ybegin name=a\r\n", b"=ybegin name=a\r\n=yend\n"]
)
def test_many_beginnings_cost_one_pass(line: bytes) -> None:
    assert len(members(line * 100_000)) <= ArchiveLimits().members


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_damaged_text_never_raises(data: st.DataObject) -> None:
    text = bytearray(uuencoded(DATA) + yenced(DATA) + b"(This file must be converted with BinHex 4.0)\n:#'0XB@dZ!!90:")
    for at, value in data.draw(st.lists(st.tuples(st.integers(0, len(text) - 1), st.integers(0, 255)), max_size=20)):
        text[at] = value
    members(bytes(text[data.draw(st.integers(0, 40)) : data.draw(st.integers(0, len(text)))]))
