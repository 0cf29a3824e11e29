"""Leaving words out: what told is found, what was not read had no say, and the bound on passes holds."""

from types import SimpleNamespace
from typing import Any

import pytest

from seg_ml.artifact.occlusion import Attribution, occluded, read, without

WEIGHTS = {"password": 3.0, "verify": 1.5, "regards": -1.0}


def cut(head: int, tail: int = 0) -> Any:
    """A subword a word, as `Subwords` counts: two special ones around."""
    return SimpleNamespace(head=head, tail=tail, ids=lambda text: [0, *range(min(len(text.split()), head)), 1])


class Reader:
    """A logit that adds up known words, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, text: str) -> float:
        self.asked += 1
        return sum(WEIGHTS.get(word.strip(".,").casefold(), 0.0) for word in text.split())


TEXT = "Notice\nBank\nDear customer, all is well. Please verify your Password now. Kind regards, the bank."


def test_words_and_sentences_that_told_are_found_with_their_weight() -> None:
    found = occluded(TEXT, cut(100), Reader())
    assert dict(found.words)["password"] == 3.0
    assert [word for word, _ in found.words[:3]] == ["password", "verify", "regards"]
    assert dict(found.words)["regards"] == -1.0
    assert found.sentences[0] == ("Please verify your Password now.", 4.5)


def test_a_word_that_is_repeated_is_left_out_everywhere() -> None:
    found = occluded("password one. password two.", cut(100), Reader())
    assert dict(found.words)["password"] == 6.0


def test_what_lies_beyond_the_window_had_no_say() -> None:
    assert read("a b c d e", cut(3)) == "a b c"
    assert read("a b c d e", cut(2, 1)) == "a b\ne"
    assert read("a b c", cut(2, 1)) == "a b c"
    found = occluded("one two three. password", cut(3), Reader())
    assert "password" not in dict(found.words)
    assert all(effect == 0.0 for _, effect in found.words)


@pytest.mark.parametrize("passes", [2, 5, 12, 48])
def test_passes_are_bounded(passes: int) -> None:
    reader = Reader()
    occluded(" ".join(f"w{n}." for n in range(200)), cut(150), reader, passes)
    assert reader.asked <= passes


def test_the_heaviest_sentences_get_the_passes() -> None:
    found = occluded("a b c d. e f g h. say password please.", cut(100), Reader(), passes=7)
    assert {word for word, _ in found.words} == {"say", "password", "please"}


@pytest.mark.parametrize("text", ["", "\n\n", "word", "...", "\x00\ufffd"])
def test_any_text(text: str) -> None:
    assert isinstance(occluded(text, cut(10), Reader()), Attribution)


def test_parts_are_cut_out() -> None:
    assert without("abcdef", [(3, 4), (0, 1)]) == "bcef"
