"""What an author wrote himself, beside what he quotes."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seg_ml.mail.parse import parse
from seg_ml.mail.quotes import author_text, without_quotes


def html_of(body: str) -> bytes:
    return f"From: a@b.example\nContent-Type: text/html; charset=utf-8\n\n{body}".encode()


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("See you there at nine.\n\nOn Mon, 2 Mar, Bob wrote:\n> old\n>> older\n> old", "See you there at nine.\n"),
        ("Bob said:\n> old\nNo, that is wrong.", "No, that is wrong."),
        ("Thanks!\n-----Original Message-----\nFrom: Bob\nTo: Ann\n\nold", "Thanks!"),
        ("Danke!\n________________________________\nVon: Bob\nGesendet: heute\n\nalt", "Danke!"),
        ("Bob> old\nJD> older\nmine", "Bob> old\nmine"),
        ("| old\nmine", "mine"),
        ("| a table | of things |\nmine", "| a table | of things |\nmine"),
        (">> press here <<\nmine", ">> press here <<\nmine"),
        ("Prices:\n-----------------\n5 apples", "Prices:\n-----------------\n5 apples"),
        ("He wrote:\nno marks at all\nto the end", ""),
        ("all of it mine", "all of it mine"),
        ("", ""),
    ],
)
def test_plain_text(text: str, own: str) -> None:
    assert without_quotes(text)[0].rstrip("\n") == own.rstrip("\n")


@pytest.mark.parametrize(
    "quote",
    [
        "<blockquote>old words</blockquote>",
        '<div class="gmail_quote"><div>On Monday Bob wrote:</div><div>old words</div></div>',
        '<div class="gmail_extra"><div class="yahoo_quoted"><p>old words</p></div></div>',
        "<p>On Monday, Bob wrote:</p><p>old words</p>",
    ],
)
def test_html(quote: str) -> None:
    message = parse(html_of(f"<p>These words are <b>mine</b>.</p>{quote}"))
    assert message.own_text == "These words are mine."
    assert "old words" in message.quoted_text
    assert "old words" in message.text
    assert author_text(message) == message.own_text


def test_who_says_nothing_himself_says_what_he_quotes() -> None:
    message = parse(html_of("<p>See:</p><blockquote>cheap pills for all</blockquote>"))
    assert author_text(message) == message.text == "See:\ncheap pills for all"


def test_hidden_text_is_nobody_s() -> None:
    message = parse(html_of('<p>These words are mine.</p><div style="display:none">poison</div>'))
    assert "poison" not in message.own_text + message.quoted_text


@given(st.text(alphabet=st.sampled_from("> |:-_\nabFrom wrote"), max_size=300))
def test_no_word_is_lost(text: str) -> None:
    own, quoted = without_quotes(text)
    assert sorted(f"{own}\n{quoted}".split()) == sorted(text.split())


@pytest.mark.parametrize(
    "line", ["-" * 200_000, ">" * 200_000, "a " * 100_000 + "wrote", "|" * 100_000 + " ", "> <" * 60_000]
)
def test_hostile_lines_take_no_time(line: str) -> None:
    began = time.perf_counter()
    without_quotes("\n".join([line] * 3 + [":"] * 20_000))
    assert time.perf_counter() - began < 2.0
