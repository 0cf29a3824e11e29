"""What opens a message: the first words of its body, and those of its subject."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seg_ml.mail.parse import parse
from seg_ml.text.tokens import lead, tokens


def found(body: str, subject: str = "Your ORDER today") -> list[str]:
    raw = f"From: Big Shop <a@b.example>\nSubject: {subject}\nX-Priority: very high\n"
    return tokens(parse(f"{raw}Content-Type: text/plain; charset=utf-8\n\n{body}\n".encode()))


SUBJECT = ["s:your", "s:order", "s:today"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", []),
        ("Hello", ["hello"]),
        ("HELLO", ["hello"]),
        ("Hello there", ["hello", "there"]),
        ("one two three four five", ["one", "two", "three"]),
        ("now: a:b s:c", ["now", "a", "b"]),
        ("see https://a.example/x:y or a@b.example", ["see", "<url>", "or"]),
        ("win 50% !!!", ["win", "50%", "!!!"]),
    ],
)
def test_opening_words_and_the_subject(body: str, words: list[str]) -> None:
    assert lead(found(body), 3) == words + SUBJECT


def test_a_subject_of_one_word_or_none() -> None:
    assert lead(found("one two", "Hi"), 3) == ["one", "two", "s:hi"]
    assert lead(found("one", ""), 3) == ["one"]
    assert lead([], 3) == []


@pytest.mark.parametrize(
    "quoted",
    [
        "> On Monday ANN wrote: cheap pills\n> https://pills.example/ s:buy",
        "On Monday, Ann wrote:\n> cheap pills",
        "-----Original Message-----\nFrom: ann@a.example\n\ncheap pills",
    ],
)
def test_what_is_quoted_changes_nothing_wherever_it_stands(quoted: str) -> None:
    assert lead(found(f"come to the harbour\n\n{quoted}"), 60) == lead(found("come to the harbour"), 60)
    assert {"cheap", "cheap pills"} <= set(found(f"come to the harbour\n\n{quoted}"))


def test_what_stands_far_below_changes_nothing() -> None:
    opening = " ".join(f"word{number}" for number in range(60))
    assert lead(found(f"{opening}\n\ncheap pills"), 60) == lead(found(opening), 60)
    assert lead(found(f"{opening}\n\ncheap pills"), 61) != lead(found(opening), 61)


def test_who_only_quotes_says_what_he_quotes() -> None:
    assert lead(found("Look:\n> cheap pills today"), 60)[:3] == ["look", "cheap", "pills"]


@given(st.text(max_size=80), st.integers(1, 8))
def test_no_word_of_any_body_ends_the_body(body: str, words: int) -> None:
    every = found(body)
    start = every.index("s:your")
    opening = [token for token in every[:start] if " " not in token and not token.startswith("caps:")]
    assert lead(every, words) == opening[:words] + SUBJECT
    assert lead(lead(every, words), words) == lead(every, words)
