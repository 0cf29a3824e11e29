"""Letters: templates of `data/letters/`, and what is written once one is filled."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from random import Random

from seg_ml.corpora.modern.grammar import expand
from seg_ml.corpora.modern.words import DATA, LANGUAGES
from seg_ml.domain.errors import CorpusError

_FIELD = re.compile(r"^(kind|sector|style|subject|name|twin|attach|greet): ?(.*)$")
OPTIONAL = 0.6
"""Probability of a paragraph that begins with a question mark."""


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a letter.

    `kind` is p, heading, button, link, fact, code, quote, image or one of the built-in pieces, named with an `@`.
    `text` is what is read, `target` the page that a button leads to or the value of a fact.
    """

    kind: str
    text: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """One letter of `data/letters/`. `twin` says whether the company that it names could have written it."""

    id: str
    language: str
    kind: str
    sectors: tuple[str, ...] = ("business",)
    style: str = "service"
    subjects: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    twin: bool = False
    attach: tuple[str, ...] = ()
    greet: bool = True
    lines: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """A filled template: the same words whoever sends them."""

    template: Template
    subject: str
    blocks: tuple[Block, ...]
    name: str = ""
    """What the sender calls itself, where the template says."""


def fill(template: Template, random: Random, value: Callable[[str], str]) -> Letter:
    """Choose among a template's sentences and fill its slots."""
    blocks = [_block(line, random, value) for line in template.lines if line[0] != "?" or random.random() < OPTIONAL]
    subject = expand(random.choice(template.subjects), random, value)
    name = expand(random.choice(template.names), random, value) if template.names else ""
    return Letter(template, subject, tuple(blocks), name)


def _block(line: str, random: Random, value: Callable[[str], str]) -> Block:
    line = line.removeprefix("?").strip()
    if line.startswith("@"):
        return Block(line, "")
    kind = {"#": "heading", ">": "button", "%": "code", "|": "quote", "!": "image", "~": "link"}.get(line[0], "p")
    text = line if kind == "p" else line[1:]
    text, _, target = text.partition(" -> ") if kind in ("button", "link", "image") else (text, "", "")
    text = expand(text.strip(), random, value).replace("\\n", "\n")
    if kind == "p" and " :: " in text:
        text, _, target = text.partition(" :: ")
        kind = "fact"
    return Block(kind, text, target.strip())


@cache
def templates() -> tuple[Template, ...]:
    """Every template, by language and id.

    Raises:
        CorpusError: two of one language share an id, or a file does not say a letter's kind or subject.
    """
    found = [
        template
        for language in LANGUAGES
        for path in sorted((DATA / "letters" / language).iterdir(), key=lambda item: item.name)
        for template in read_templates(path.read_text(encoding="utf-8"), language)
    ]
    names = [(template.language, template.id) for template in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise CorpusError(f"templates {twice[0]}: two letters of that name; rename one")
    return tuple(found)


def read_templates(text: str, language: str) -> list[Template]:
    """The letters of a file: each begins with `=== id`, fields first, then one paragraph a line."""
    pieces = re.split(r"^=== *(\S+) *$", text, flags=re.MULTILINE)[1:]
    return [_template(name, body, language) for name, body in zip(pieces[::2], pieces[1::2], strict=True)]


def _template(name: str, body: str, language: str) -> Template:
    fields: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in filter(None, map(str.strip, body.splitlines())):
        match = None if lines else _FIELD.match(line)
        if match:
            fields.setdefault(match.group(1), []).append(match.group(2).strip())
        elif not line.startswith("//"):
            lines.append(line)
    if "kind" not in fields or not lines:
        raise CorpusError(f"template {language}/{name}: needs `kind:` and at least one paragraph")
    return Template(
        id=name,
        language=language,
        kind=fields["kind"][0],
        sectors=_words(fields.get("sector", ["business"])),
        style=fields.get("style", ["service"])[0],
        subjects=tuple(fields.get("subject", [""])),
        names=tuple(fields.get("name", [])),
        twin=fields.get("twin", ["no"])[0] == "yes",
        attach=_words(fields.get("attach", [])),
        greet=fields.get("greet", ["yes"])[0] == "yes",
        lines=tuple(lines),
    )


def _words(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(" ".join(values).split())
