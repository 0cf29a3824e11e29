"""The memory of delivered mail: what it knows, what it forgets, and that it holds nothing that can be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from seg_ml.domain.errors import ConfigError
from seg_ml.mail.parse import parse
from seg_ml.signatures.correspondence import Contact, Correspondence, CorrespondenceWriter, Exchange
from seg_ml.signatures.wording import marks_of, quoted_text, references

HOME, ANN = "house.example", "ann@partner.example"
TEXT = " ".join(f"word{number}" for number in range(200))


def test_counts_contacts_by_domain(tmp_path: Path) -> None:
    writer = CorrespondenceWriter(tmp_path / "c.db")
    writer.record(Exchange(HOME, (ANN,), "<1@x>"), 100)
    writer.record(Exchange(HOME, (ANN.upper(),), "<2@x>", sent=True), 120)
    store = Correspondence(tmp_path / "c.db", learning_days=14)
    assert store.contact(HOME, ANN) == Contact(100, 120, 1, 1)
    assert store.organization(HOME, "mail.partner.example") == Contact(100, 120, 1, 1)
    assert store.contact("second.example", ANN) is None
    assert (store.settled(HOME, 113), store.settled(HOME, 114), store.settled("second.example", 200)) == (
        False, True, False,
    )  # fmt: skip
    writer.close()


def test_knows_threads_and_who_looks_like_their_participants(tmp_path: Path) -> None:
    writer = CorrespondenceWriter(tmp_path / "c.db")
    writer.record(Exchange(HOME, (ANN,), "<1@x>"), 100)
    writer.record(Exchange(HOME, ("carl@another.example",), "<9@x>"), 100)
    store = Correspondence(tmp_path / "c.db")
    known = store.participants(HOME, ["<none@x>", "<1@x>"])
    assert len(known) == 2 and store.participants(HOME, ["<none@x>"]) == frozenset()
    hosts = ("parther.example", "partner.test", "partn3r.example", "partnr.example")
    assert [store.imitates(HOME, host, known) for host in hosts] == [True] * 4
    hosts = ("partner.example", "mail.partner.example", "anothen.example", "unrelated.example", HOME)
    assert [store.imitates(HOME, host, known) for host in hosts] == [False] * 5
    writer.close()


def test_text_is_found_again_however_it_is_quoted(tmp_path: Path) -> None:
    writer = CorrespondenceWriter(tmp_path / "c.db")
    writer.record(Exchange(HOME, (ANN,), "<1@x>", marks_of(TEXT)), 100)
    store = Correspondence(tmp_path / "c.db")
    wrapped = "\n".join("> > " + TEXT[at : at + 61].replace("\n", " ") for at in range(0, len(TEXT), 61))
    message = parse(b"From: a@b.example\r\n\r\nHi\r\n\r\n" + wrapped.encode())
    assert store.knows_wording(HOME, marks_of(quoted_text(message)))
    assert not store.knows_wording(HOME, marks_of(TEXT.replace("word", "wort")))
    writer.close()


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("new\n> old one\n>> older\nnew", "old one\nolder"),
        ("new\nOn Mon, 2 Mar 2026, Bob wrote:\nold", "On Mon, 2 Mar 2026, Bob wrote:\nold"),
        ("new\n-----Original Message-----\nFrom: x\nold", "-----Original Message-----\nFrom: x\nold"),
        ("Am 2. März schrieb Bob:\n> alt", "Am 2. März schrieb Bob:\nalt"),
        ("all of it new", ""),
    ],
)
def test_quotations(text: str, quoted: str) -> None:
    assert quoted_text(parse(b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + text.encode())).rstrip() == quoted


def test_references_are_bounded() -> None:
    many = " ".join(f"<{number}@x.example>" for number in range(300))
    raw = f"In-Reply-To: <a@x.example>\r\nReferences: {many}\r\n\r\n".encode()
    found = references(parse(raw))
    assert found[0] == "<a@x.example>" and len(found) <= 50


def test_forgets_what_is_old_and_what_is_too_much(tmp_path: Path) -> None:
    writer = CorrespondenceWriter(tmp_path / "c.db")
    for number in range(40):
        address = f"p{number}@host{number}.example"
        writer.record(Exchange(HOME, (address,), f"<{number}@x>", marks_of(f"{TEXT} {number}")), 100 + number)
    store = Correspondence(tmp_path / "c.db")
    assert writer.expire(before=110, most=10_000) > 0
    assert store.contact(HOME, "p9@host9.example") is None
    assert store.contact(HOME, "p10@host10.example") is not None
    assert not store.participants(HOME, ["<9@x>"]) and store.participants(HOME, ["<10@x>"])
    writer.expire(before=0, most=10)
    assert store.contact(HOME, "p20@host20.example") is None
    assert store.contact(HOME, "p39@host39.example") is not None
    writer.close()


def test_holds_nothing_that_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    for name in ("a", "b"):
        writer = CorrespondenceWriter(tmp_path / name / "c.db")
        writer.record(Exchange(HOME, (ANN,), "<secret-id@partner.example>", marks_of(TEXT)), 100)
        writer.close()
    contents = [(tmp_path / name / "c.db").read_bytes() for name in ("a", "b")]
    for word in (b"ann", b"partner", b"house", b"secret-id", b"word1"):
        assert all(word not in content for content in contents)
    assert contents[0] != contents[1]  # keyed: the same mail leaves other hashes elsewhere
    assert (tmp_path / "a" / "c.db.key").stat().st_mode & 0o77 == 0
    with pytest.raises(ConfigError, match="key"):
        Correspondence(path)
    (tmp_path / "c.db.key").write_bytes(b"short")
    with pytest.raises(ConfigError, match="no key"):
        Correspondence(path)
