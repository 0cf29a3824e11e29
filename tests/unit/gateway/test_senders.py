"""Whom a user may write as."""

from __future__ import annotations

import pytest

from gateway.authentication.senders import Senders

LISTED = {
    "ann": ["Ann@House.example", "second.example", ".third.example"],
    "app": ["*"],
    "eve@house.example": ["sales@house.example"],
}
SENDERS = Senders(LISTED)


@pytest.mark.parametrize(
    ("user", "address", "own"),
    [
        ("ann", "ann@house.example", True),
        ("ann", "ANN@HOUSE.EXAMPLE", True),
        ("ann", "ann+x@house.example", True),
        ("ann", "ann-x@house.example", False),
        ("ann", "x+ann@house.example", False),
        ("ann", "who@second.example", True),
        ("ann", "who@a.second.example", False),
        ("ann", "who@a.third.example", True),
        ("ann", "who@third.example", False),
        ("ann", "second.example", False),
        ("ann", "bob@evil.example@second.example", False),
        ("ann", "", True),
        ("app", "who@anywhere.example", True),
        ("eve@house.example", "EVE@house.example", True),
        ("eve@house.example", "sales@house.example", True),
        ("eve@house.example", "ann@house.example", False),
        ("bob", "bob", False),
        ("bob", "bob@house.example", False),
        ("bob", "", True),
    ],
)
def test_reverse_paths(user: str, address: str, own: bool) -> None:
    assert SENDERS.may_send(user, address) is own


def test_without_subaddresses() -> None:
    assert not Senders(LISTED, "").may_send("ann", "ann+x@house.example")


@pytest.mark.parametrize(
    ("header", "own"),
    [
        (b"From: Ann <ann@house.example>", True),
        (b'From: "boss@bank.example" <ann@house.example>', True),
        (b"From: ann@house.example (at home)", True),
        (b"From: Ann <ann@house.example>,\r\n Second <x@second.example>", True),
        (b"From: Ann <ann@house.example>, boss@bank.example", False),
        (b"From: boss@bank.example <ann@house.example>", False),
        (b"From: ann@house.example\r\nFrom: boss@bank.example", False),
        (b"From: ann@house.example (<boss@bank.example>", False),
        (b'From: ann@house.example "<boss@bank.example>', False),
        (b"From: <@second.example:boss@bank.example>", False),
        (b"From: undisclosed:;", False),
        (b"Subject: none", False),
    ],
)
def test_authors(header: bytes, own: bool) -> None:
    raw = header + b"\r\nTo: b@c.example\r\n\r\nFrom: boss@bank.example\r\n"
    assert SENDERS.may_write("ann", raw) is own
    assert SENDERS.may_write("app", raw)
