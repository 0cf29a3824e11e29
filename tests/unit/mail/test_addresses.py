"""Mailboxes as mail clients show them."""

import pytest

from seg_ml.domain.message import Mailbox
from seg_ml.mail.addresses import mailboxes


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Ann <Ann@A.Example>", [Mailbox("Ann", "ann@a.example")]),
        ('"Doe, Jane" <j@a.example>, k@b.example', [Mailbox("Doe, Jane", "j@a.example"), Mailbox("", "k@b.example")]),
        ("a@b.example (Ann B)", [Mailbox("Ann B", "a@b.example")]),
        ("=?utf-8?q?A=2C_b=40c=2Ed?= <e@f.example>", [Mailbox("A, b@c.d", "e@f.example")]),
        ("friends: a@b.example, c@d.example;", [Mailbox("", "a@b.example"), Mailbox("", "c@d.example")]),
        ("<@relay.example:a@b.example>", [Mailbox("", "a@b.example")]),
        ("bank@bank.example <x@evil.example>", [Mailbox("bank@bank.example", "x@evil.example")]),
        ("undisclosed recipients", [Mailbox("undisclosed recipients", "")]),
        ("", []),
    ],
)
def test_mailboxes(value: str, expected: list[Mailbox]) -> None:
    assert list(mailboxes(value)) == expected


def test_alias_cve_2023_27043() -> None:
    """An address that a lenient reader ends early must not become another domain's."""
    (box,) = mailboxes("alice@example.org)bob@evil.example")
    assert box.domain == "evil.example"
