"""A letter's pieces in order: greeting, what it says, closing, footer. The same whoever sends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from seg_ml.corpora.modern.articles import articles
from seg_ml.corpora.modern.grammar import expand
from seg_ml.corpora.modern.letters import Block, Letter
from seg_ml.corpora.modern.words import shared

Value = Callable[[str], str]


def compose(letter: Letter, random: Random, value: Value) -> tuple[Block, ...]:
    """All pieces of a letter: a person's closes with a signature perhaps, a script's with a line about itself."""
    language, style = letter.template.language, letter.template.style
    pieces = [*_greeting(letter, random, value)]
    for block in letter.blocks:
        pieces += _built_in(block, language, random, value) if block.kind.startswith("@") else [block]
    if style in ("person", "daemon"):
        return tuple(pieces)
    if style == "machine":
        return (*pieces, *_sent_by(letter, random, value))
    return (*pieces, *_closing(letter, random, value), *_footer(letter, random, value))


def _greeting(letter: Letter, random: Random, value: Value) -> Iterator[Block]:
    name = "dear" if letter.template.style == "person" else "hello"
    if letter.template.greet and random.random() < 0.88:
        yield Block("p", expand(random.choice(shared(letter.template.language, name)), random, value))


def _closing(letter: Letter, random: Random, value: Value) -> Iterator[Block]:
    language = letter.template.language
    for name, probability in (("caution", 0.3), ("help", 0.45), ("bye", 0.6)):
        if random.random() < probability * (0.5 if letter.template.style == "bulk" else 1):
            yield Block("p", expand(random.choice(shared(language, name)), random, value))


def _sent_by(letter: Letter, random: Random, value: Value) -> Iterator[Block]:
    if random.random() < 0.3:
        yield Block("footer", expand(random.choice(shared(letter.template.language, "sent")), random, value))


def _footer(letter: Letter, random: Random, value: Value) -> Iterator[Block]:
    language = letter.template.language
    lines = random.sample(shared(language, "footer"), random.choice([0, 1, 1, 2, 2, 3]))
    for line in lines:
        yield Block("footer", expand(line, random, value))
    if letter.template.style == "bulk" or random.random() < 0.25:
        yield Block("footer-link", random.choice(shared(language, "unsubscribe")), "unsubscribe")
    for text in random.sample(shared(language, "privacy"), random.choice([0, 0, 1, 2])):
        yield Block("footer-link", text, "home")


def _built_in(block: Block, language: str, random: Random, value: Value) -> Iterator[Block]:
    name, _, count = block.kind[1:].partition(" ")
    if name == "items":
        for index in range(random.randint(1, 4)):
            yield Block("fact", f"{random.randint(1, 3)} × {value(f'product{index}')}", value(f"amount{index}"))
        yield Block("total", value("amount9"))
    elif name == "articles":
        number = int(count or random.randint(2, 4))
        number += random.randint(4, 14) if random.random() < 0.2 else 0  # some newsletters are long
        for article in articles(language, number, random):
            lines = [expand(line, random, value) for line in article]
            yield Block("heading", lines[0])
            yield Block("p", " ".join(lines[1:]))
            yield Block("link", random.choice(["", *shared(language, "more")]), "article")
    elif name == "padding":
        yield Block("hidden", " ".join(value(f"product{index}") for index in range(random.randint(4, 12))))
    elif name == "ramble":
        yield from _rambling(language, random, value, random.randint(1, 3), mixed=0.4)
    elif name == "story":
        yield from _rambling(language, random, value, random.randint(1, random.choice([3, 3, 6, 12])), mixed=0.0)
    elif name == "sign":
        yield from _sign(language, random, value)
    elif name == "thread":
        yield Block("wrote", expand(random.choice(shared(language, "wrote")), random, value))


def _rambling(language: str, random: Random, value: Value, count: int, mixed: float) -> Iterator[Block]:
    """Prose about something else: a story passed on; or put below an offer to look like a letter, its words mixed."""
    for article in articles(language, count, random):
        text = " ".join(expand(line, random, value) for line in article[1:] or article)
        if random.random() < mixed:
            words = text.split()
            random.shuffle(words)
            text = " ".join(words)
        yield Block("p", text)


def _sign(language: str, random: Random, value: Value) -> Iterator[Block]:
    yield Block("p", random.choice(shared(language, "signoff")) + random.choice([",", ""]))
    roll = random.random()
    if roll < 0.35:
        yield Block("p", value("pfirst"))
        return
    lines = [value("person")]
    if roll > 0.55:
        lines += [value("role"), value("org") if random.random() < 0.5 else value("company")]
        lines += [f"T {value('phone')}"] if random.random() < 0.6 else []
        lines += [value("address")] if random.random() < 0.4 else []
    yield Block("signature", "\n".join(lines))
