"""Language switch: what a threat asks for, said in another language, the rest glossed word by word.

A sentence that asks or promises something (a password, a click, a payment, a prize) is exchanged for one of our own in
the other language that asks the same. Other words are looked up one by one in a small lexicon and keep the order,
inflection and company that they had; what the lexicon does not know stays. Links and whatever is not text stay.

What this is not: a translation. A native reader would find it broken but know what to do, as with much real spam.
It asks whether a verdict hangs on words of one language, in mail where sender, links and form are as before; it says
nothing about fluent mail in that language (for that: `seg_ml.evaluation.translations`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random

import yaml

from seg_ml.corpora.language import language as guessed
from seg_ml.evaluation.attacks.rewriting import outside_tags, rewritten, with_header
from seg_ml.mail.parse import parse

_URL = re.compile(r"(https?://\S+|\bwww\.\S+|\S+@\S+)")
_ENTITY = re.compile(r"&#?\w{1,10};")
_SENTENCE = re.compile(r"(?:[^.!?\n]|\n(?![ \t\r]*\n)|[.!?](?=\S))+[.!?]*")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_LEAST_WORDS = 4
_ONCE = 1
"""How often one request is put in full in a text; said again and again it would give itself away."""


@dataclass(frozen=True)
class _Table:
    """Requests as (how one is recognised, sentence by language), and words of a language to their row."""

    languages: tuple[str, ...]
    asks: tuple[tuple[re.Pattern[str], Mapping[str, str]], ...]
    rows: tuple[tuple[str, ...], ...]
    words: Mapping[str, Mapping[str, int]]


def switched(raw: bytes, random: Random) -> bytes:
    """The message in another of the languages of the table than its own."""
    message = parse(raw)
    source = guessed(message.text) or "en"
    target = random.choice([name for name in table().languages if name != source])

    def change(text: str, is_html: bool) -> str:
        asked: dict[str, int] = {}  # of this part: its twin in plain text or HTML asks the same

        def some(text: str) -> str:
            pieces = enumerate(_URL.split(text))
            return "".join(p if number % 2 else _switched(p, source, target, asked) for number, p in pieces)

        return outside_tags(text, some) if is_html else some(text)

    return with_header(rewritten(raw, change), "Subject", change(message.subject, False))


def _switched(text: str, source: str, target: str, asked: dict[str, int]) -> str:
    return _SENTENCE.sub(lambda match: _sentence(match.group(), source, target, asked), text)


def _sentence(text: str, source: str, target: str, asked: dict[str, int]) -> str:
    plain = _ENTITY.sub(" ", text)
    if len(_WORD.findall(plain)) >= _LEAST_WORDS:
        for known, sentences in table().asks:
            said = sentences[target]
            if asked.get(said, 0) < _ONCE and known.search(plain):
                asked[said] = asked.get(said, 0) + 1
                return f"{text[: len(text) - len(text.lstrip())]}{said}{text[len(text.rstrip()) :]}"
    return _glossed(text, source, target)


def _glossed(text: str, source: str, target: str) -> str:
    """Word by word, in the case of the word that was there; entities of HTML stay."""
    known, column = table().words[source], table().languages.index(target)

    def word(match: re.Match[str]) -> str:
        row = known.get(match.group().casefold())
        if row is None or (len(match.group()) == 1 and match.group().isupper()):  # an initial, no article
            return match.group()
        other = table().rows[row][column]
        if match.group().isupper() and len(match.group()) > 1:
            return other.upper()
        return other[0].upper() + other[1:] if match.group()[0].isupper() else other

    pieces, start = [], 0
    for entity in _ENTITY.finditer(text):
        pieces += [_WORD.sub(word, text[start : entity.start()]), entity.group()]
        start = entity.end()
    return "".join([*pieces, _WORD.sub(word, text[start:])])


@cache
def table() -> _Table:
    """The table of `data/languages.yaml`."""
    data = yaml.safe_load((files("seg_ml.evaluation.attacks") / "data" / "languages.yaml").read_text("utf-8"))
    languages = tuple(data["languages"])
    rows = tuple(tuple(word.strip() for word in line.split(",")) for line in data["words"])
    words: dict[str, dict[str, int]] = {name: {} for name in languages}
    for number, row in enumerate(rows):
        for name, word in zip(languages, row, strict=True):
            words[name].setdefault(word.casefold(), number)
    asks = tuple(
        (re.compile(ask["when"], re.IGNORECASE), {name: ask[name] for name in languages}) for ask in data["asks"]
    )
    return _Table(languages, asks, rows, words)
