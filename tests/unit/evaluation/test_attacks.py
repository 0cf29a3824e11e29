"""Attacks change what a filter reads and keep what a reader is meant to do."""

import pytest

from seg_ml.corpora.language import language as guessed
from seg_ml.evaluation.attacks import ATTACKS, attacked
from seg_ml.evaluation.attacks.language import table
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


class TestLanguageSwitch:
    def test_the_table_says_everything_in_every_language(self) -> None:
        known = table()
        assert all(len(row) == len(known.languages) and all(row) for row in known.rows)
        assert all(set(said) == set(known.languages) and all(said.values()) for _, said in known.asks)

    def test_sentences_of_our_own_are_recognised_as_what_they_ask(self) -> None:
        """Said in one language it is found, so that mail in any of them is turned."""
        for name in ("en", "de", "fr", "es", "it", "pt", "nl"):
            found = [any(when.search(said[name]) for when, _ in table().asks) for _, said in table().asks]
            assert sum(found) >= 0.85 * len(found), name

    def test_what_is_asked_is_asked_in_another_language(self) -> None:
        changed = attacked("language switch", HTML)
        texts = [said for _, known in table().asks for name, said in known.items() if name != "en"]
        assert any(said in parse(changed).text for said in texts)
        assert "verify your account" not in parse(changed).text
        assert parse(changed).subject != "Verify your account"

    def test_a_letter_of_some_length_is_read_as_another_language(self) -> None:
        words = "We have a good offer for you. You can buy it now, and you will get it at home with your order. "
        told = set()
        for number in range(20):
            raw = f"From: a@b.example\nSubject: {number}\n\n{words * 3}".encode()
            assert guessed(parse(raw).text) == "en"
            told.add(guessed(parse(attacked("language switch", raw)).text))
        assert "en" not in told and len(told - {None}) >= 4

    def test_a_foreign_letter_is_turned_too(self) -> None:
        raw = b"From: a@b.example\nSubject: Konto\nContent-Type: text/plain; charset=utf-8\n\n"
        raw += "Sehr geehrter Kunde, bitte bestätigen Sie die Daten von Ihrem Konto. Das ist nicht frei.\n".encode()
        changed = parse(attacked("language switch", raw))
        assert "bestätigen Sie die Daten" not in changed.text and changed.text.strip()

    def test_a_request_is_not_repeated_like_a_parrot(self) -> None:
        raw = b"From: a@b.example\n\n" + b"Please verify your account details now. " * 8
        changed = parse(attacked("language switch", raw)).text
        said = next(known for when, known in table().asks if when.search("verify your account details"))
        assert sum(changed.count(sentence) for sentence in said.values()) == 1


def test_what_a_reader_sees_stays_where_only_code_changed() -> None:
    shown = parse(HTML).text.split()
    assert parse(attacked("split HTML", HTML)).text.split() == shown


def test_style_sheets_are_left_alone() -> None:
    assert b"color: red" in attacked("homoglyphs", HTML)
