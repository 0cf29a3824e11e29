"""Files that travel as lines of text, in a body or an attachment: uuencode, BinHex and yEnc.

Mail clients turn them into attachments although no header says so. Every reader looks at each line once.
Sources: POSIX `uuencode`; RFC 1741 (BinHex 4.0); yEnc 1.3 (www.yenc.org).
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator

from seg_ml.domain.message import Part
from seg_ml.signatures.unpack.archive import Archive, Draft
from seg_ml.signatures.unpack.limits import Budget, TooMuch

Named = tuple[str, Iterator[bytes], int]
"""A name, the content in pieces, and how many octets it was packed in."""

_BEGIN = re.compile(rb"^begin(-base64)? [0-7]{3,4} {1,3}([^\r\n]{1,255})", re.MULTILINE)
_ENDS = frozenset({b"end", b"===="})

_BINHEX = b"(This file must be converted with BinHex"
_HQX = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_TO_BASE64 = bytes.maketrans(_HQX, _BASE64)
_NO_HQX = bytes(set(range(256)) - set(_HQX))
_RUN = b"\x90"
_FORKS = 22  # octets of the header beside the name, RFC 1741 appendix A

_YENC = re.compile(
    rb"^=ybegin [^\r\n]{0,300}?\bname=([^\r\n]{1,255})\r?\n(?:=ypart [^\r\n]{0,200}\r?\n)?", re.MULTILINE
)
_LESS_42 = bytes((octet - 42) % 256 for octet in range(256))


def may_hold_encoded(content: bytes) -> bool:
    """Whether a file or a text has a mark of one of the three; most have none."""
    return (
        (b"begin" in content and (_BEGIN.search(content) is not None or b"=ybegin " in content))
        or _BINHEX in content[: 1 << 16]
    )  # fmt: skip


def read_encoded(part: Part, _: tuple[str, ...], budget: Budget) -> Archive | None:
    """The files in a text; `None` where there is none."""
    draft = Draft(part, budget)
    try:
        for read in _READERS:
            for name, pieces, packed in read(part.content):
                budget.member()
                content = budget.read(name, pieces, packed)
                if content:
                    draft.names.append(name)
                    draft.add(name, content)
    except TooMuch as limit:
        draft.exceed(limit)
    return draft.done() if draft.members or draft.limit else None


def _uuencoded(content: bytes) -> Iterator[Named]:
    at = 0
    while (begin := _BEGIN.search(content, at)) is not None:
        decode = binascii.a2b_base64 if begin.group(1) else _uu_line
        pieces, at = _decoded(content, begin.end(), decode)
        yield _name(begin.group(2)), iter(pieces), at - begin.end()


def _decoded(content: bytes, at: int, decode: Callable[[bytes], bytes]) -> tuple[list[bytes], int]:
    """Lines until the end or one that is none of the encoding, and where that is."""
    pieces: list[bytes] = []
    at = content.find(b"\n", at) + 1 or len(content)
    while at < len(content):
        end = content.find(b"\n", at)
        end = len(content) if end < 0 else end
        line = content[at:end].rstrip(b"\r")
        if line.strip() in _ENDS:
            return pieces, end
        try:
            pieces.append(decode(line))
        except binascii.Error:
            return pieces, at
        at = end + 1
    return pieces, at


def _uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Known broken encoders pad the line; the length octet tells what counts.
        return binascii.a2b_uu(line[: (((line[0] - 32) & 63) * 4 + 5) // 3])


def _binhex(content: bytes) -> Iterator[Named]:
    banner = content.find(_BINHEX)
    start = content.find(b":", content.find(b"\n", banner)) if banner >= 0 else -1
    if start < 0:
        return
    end = content.find(b":", start + 1)
    digits = content[start + 1 : end if end > 0 else len(content)].translate(_TO_BASE64, _NO_HQX)
    packed = binascii.a2b_base64(digits + b"A" * (-len(digits) % 4))
    head = b"".join(_expanded(packed[:600]))
    if len(head) < head[0] + _FORKS if head else True:
        return
    name, sizes = head[1 : 1 + head[0]], head[head[0] + 12 : head[0] + 20]
    yield _name(name), _cut(_expanded(packed), head[0] + _FORKS, int.from_bytes(sizes[:4], "big")), len(packed)


def _expanded(packed: bytes) -> Iterator[bytes]:
    """Runs undone: an octet, 0x90 and how often it stands there; 0x90 and zero is the octet 0x90 itself."""
    at, last = 0, b""
    while 0 <= (mark := packed.find(_RUN, at)) < len(packed) - 1:
        if mark > at:
            yield packed[at:mark]
            last = packed[mark - 1 : mark]
        times = packed[mark + 1]
        if times == 0:
            last = _RUN
        yield last * (times - 1) if times else _RUN
        at = mark + 2
    yield packed[at:]


def _cut(pieces: Iterator[bytes], skip: int, size: int) -> Iterator[bytes]:
    """`size` octets of a stream after the first `skip`."""
    for piece in pieces:
        piece, skip = piece[skip:], max(0, skip - len(piece))
        yield piece[:size]
        size -= len(piece)
        if size <= 0:
            return


def _yenc(content: bytes) -> Iterator[Named]:
    at = 0
    while (begin := _YENC.search(content, at)) is not None:
        end = content.find(b"\n=yend", begin.end() - 1)
        at = end if end >= 0 else len(content)
        first, *escaped = content[begin.end() : at].translate(None, b"\r\n").split(b"=")
        body = first + b"".join(bytes([(piece[0] - 64) % 256]) + piece[1:] for piece in escaped if piece)
        yield _name(begin.group(1)), iter([body.translate(_LESS_42)]), 0


def _name(written: bytes) -> str:
    return written.decode("utf-8", "replace").strip().strip('"')


_READERS: tuple[Callable[[bytes], Iterator[Named]], ...] = (_uuencoded, _binhex, _yenc)
