"""Whatever the bytes, the parser returns a message, the same for the same bytes."""

from hypothesis import given, settings
from hypothesis import strategies as st

from seg_ml.mail.limits import Limits
from seg_ml.mail.parse import parse
from seg_ml.mail.sender_side import strip_recipient_side

_PIECES = st.sampled_from(
    [
        b"From: a@b.example\r\n", b"Content-Type: multipart/mixed; boundary=X\r\n", b"Content-Type: text/html\r\n",
        b"Content-Type: message/rfc822\r\n", b"Content-Transfer-Encoding: base64\r\n", b"\r\n", b"\n", b"\r", b"--X\r\n",
        b"--X--\r\n", b"<a href=", b"<div style='display:none'>", b"=?utf-8?b?", b"?=", b"\xff\xfe", b"\0", b"begin 644 x\n",
        b"Content-Type: text/plain; charset=utf-16\r\n", b"Subject: =?x?q?=ZZ?=\r\n", b"To: \"<,;()\r\n",
        b"Content-Disposition: attachment; filename*0*=a'b'%zz; filename*1=x\r\n",
    ]
)  # fmt: skip
MAIL = st.one_of(
    st.binary(max_size=400), st.lists(st.one_of(_PIECES, st.binary(max_size=12)), max_size=40).map(b"".join)
)


@settings(max_examples=600, deadline=None)
@given(MAIL)
def test_parse_returns(raw: bytes) -> None:
    message = parse(raw)
    assert message.raw == raw
    assert parse(raw) == message
    assert len(message.parts) <= Limits().parts
    assert "\0" not in message.text


@settings(max_examples=300, deadline=None)
@given(MAIL)
def test_stripping_twice_is_stripping_once(raw: bytes) -> None:
    once = strip_recipient_side(raw)
    assert strip_recipient_side(once) == once
