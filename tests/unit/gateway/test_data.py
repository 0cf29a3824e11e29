"""DATA: only CR LF . CR LF ends it, however the blocks are cut."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.smtp.data import Decoder


def decode(stream: bytes, sizes: list[int] | None = None, limit: int = 10_000) -> tuple[bytes, str, bytes | None]:
    file = io.BytesIO()
    decoder = Decoder(file, limit)
    position, rest = 0, None
    for size in [*(sizes or []), len(stream)]:
        if rest is None and stream[position:]:
            rest = decoder.feed(stream[position : position + size])
            position += size
        elif rest is not None:
            rest += stream[position : position + size]
            position += size
    return file.getvalue(), decoder.problem, rest


@pytest.mark.parametrize(
    ("stream", "content", "rest"),
    [
        (b".\r\n", b"", b""),
        (b"\r\n.\r\n", b"\r\n", b""),
        (b"a\r\n.\r\nQUIT\r\n", b"a\r\n", b"QUIT\r\n"),
        (b"..\r\n.\r\n", b".\r\n", b""),
        (b"a\r\n..b\r\n...\r\n.\r\n", b"a\r\n.b\r\n..\r\n", b""),
        (b".a\r\n.\r\n", b"a\r\n", b""),
        (b"\r\n" * 50 + b".\r\n", b"\r\n" * 50, b""),
    ],
)
def test_content(stream: bytes, content: bytes, rest: bytes) -> None:
    assert decode(stream) == (content, "", rest)
    assert decode(stream, [1] * len(stream)) == (content, "", rest)


@pytest.mark.parametrize(
    "smuggled",
    [
        b"\n.\n",
        b"\n.\r\n",
        b"\r.\r",
        b"\r.\r\n",
        b"\r\n.\n",
        b"\r\n.\r",
        b"\r\r\n.\r\n\n",
        b"\0",
        b"\r\n\x00.\r\n",
        b"\n\n.\r\n",
    ],
)
def test_bare_line_ends_are_seen(smuggled: bytes) -> None:
    stream = b"a" + smuggled + b"MAIL FROM:<x@y>\r\n.\r\n"
    for sizes in (None, [1] * len(stream)):
        _, problem, rest = decode(stream, sizes)
        assert problem == "bare-newline"
        assert rest is not None


def test_too_big_is_noticed_and_the_end_still_found() -> None:
    assert decode(b"x" * 100 + b"\r\n.\r\nQUIT\r\n", limit=50)[1:] == ("too-big", b"QUIT\r\n")


@settings(deadline=None, max_examples=300)
@given(
    lines=st.lists(st.binary(max_size=12).map(lambda b: b.translate(None, b"\r\n\0")), max_size=12),
    dots=st.lists(st.integers(0, 11), max_size=6),
    sizes=st.lists(st.integers(1, 9), max_size=60),
)
def test_what_was_stuffed_comes_out(lines: list[bytes], dots: list[int], sizes: list[int]) -> None:
    lines = [b"." * (number in dots) + line for number, line in enumerate(lines)]
    content = b"".join(line + b"\r\n" for line in lines)
    stuffed = b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines)
    assert decode(stuffed + b".\r\nRSET\r\n", sizes) == (content, "", b"RSET\r\n")


@settings(deadline=None, max_examples=300)
@given(
    stream=st.lists(st.sampled_from([b"\r", b"\n", b".", b"a", b"\r\n"]), max_size=30).map(b"".join),
    sizes=st.lists(st.integers(1, 5), max_size=40),
)
def test_the_cut_does_not_matter(stream: bytes, sizes: list[int]) -> None:
    stream += b"\r\n.\r\n"
    whole, cut = decode(stream), decode(stream, sizes)
    assert whole[1:] == cut[1:]
    assert whole[0] == cut[0] or whole[1]
