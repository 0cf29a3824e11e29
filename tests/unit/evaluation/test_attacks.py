"""Attacks change what a filter reads and keep what a reader is meant to do."""

import pytest

from seg_ml.evaluation.attacks import ATTACKS, attacked
from seg_ml.mail.parse import parse

HTML = b"""From: Bank <alert@bank-notice.example>
To: jo@firm.example
Subject: Verify your account
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain; charset=utf-8

Please verify your account immediately: https://evil.example/login
--b
Content-Type: text/html; charset=utf-8

<html><head><style>p {color: red}</style></head><body><p>Please verify your account&nbsp;immediately:
<a href="https://evil.example/login">log in here</a></p></body></html>
--b--
"""


@pytest.mark.parametrize("name", list(ATTACKS))
class TestEveryAttack:
    def test_the_link_still_leads_there(self, name: str) -> None:
        message = parse(attacked(name, HTML))
        assert "https://evil.example/login" in {link.target for link in message.links}

    def test_it_changes_something_and_always_the_same(self, name: str) -> None:
        assert attacked(name, HTML) == attacked(name, HTML) != HTML

    def test_any_bytes_are_mail(self, name: str) -> None:
        for raw in (b"", b"From: x\n\n", bytes(range(256)), b"Content-Type: text/plain; charset=nowhere\n\n\xff\xfe"):
            assert isinstance(attacked(name, raw), bytes)


def test_what_a_reader_sees_stays_where_only_code_changed() -> None:
    shown = parse(HTML).text.split()
    assert parse(attacked("split HTML", HTML)).text.split() == shown


def test_style_sheets_are_left_alone() -> None:
    assert b"color: red" in attacked("homoglyphs", HTML)
