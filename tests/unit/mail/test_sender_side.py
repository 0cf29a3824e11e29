"""What the recipient's side wrote is gone before anything learns or scores."""

from seg_ml.mail.sender_side import strip_recipient_side

RAW = (
    b"Return-Path: <a@b.example>\r\nReceived: from x\r\n\tby y\r\nX-Spam-Status: Yes,\r\n score=9\r\nFrom: a@b.example\r\n"
    b"Subject: long\r\n subject\r\nList-Id: <l.example>\r\nDate: Mon, 1 Jan 2001 00:00:00 +0000\r\nTo: c@d.example\r\n\r\n"
    b"body\r\nReceived: in the body stays\r\n"
)


def test_only_the_senders_fields_stay_in_order_with_their_folds() -> None:
    head, _, body = strip_recipient_side(RAW).partition(b"\r\n\r\n")
    assert head == b"From: a@b.example\r\nSubject: long\r\n subject\r\nTo: c@d.example"
    assert body == b"body\r\nReceived: in the body stays\r\n"


def test_twice_is_once() -> None:
    once = strip_recipient_side(RAW)
    assert strip_recipient_side(once) == once


def test_line_feeds_only() -> None:
    assert strip_recipient_side(RAW.replace(b"\r\n", b"\n")).startswith(b"From: a@b.example\nSubject: long\n subject\n")


def test_nothing_to_keep() -> None:
    assert strip_recipient_side(b"Received: x\n\nbody") == b"\nbody"
    assert strip_recipient_side(b"") == b"\n"
