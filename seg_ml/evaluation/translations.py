"""The same letter in several languages: its verdict must not change with them.

Letters are those that a company could write and of which `modern` has a template in every language: honest ones, and of
letters written to deceive those that have an honest twin. One is drawn: company, recipient, person who signs, time,
layout, sender, hosts of links, session and results of authentication. Then it is written in each language with all of
that kept, once sent by the company and once by somebody who pretends to be it. Every header but the subject
stays, numbers too, and of what templates leave to chance (greeting, footers, paragraphs that may be missing) that is
taken which makes the letter of most nearly the same pieces. The templates say the same, not word for word; numbers and
dates are written as the language writes them.

A model may have learned from those templates. Beside them stand letters of `data/letters`, from which none learns: they
say the same in all languages sentence for sentence, for of each the same choice is taken.

Any other words move a score a little, and a verdict where it stood on the edge. How much of it is the language's doing
is seen beside the same letter in as many wordings of one language.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from itertools import combinations

import numpy as np
import pandas as pd

from seg_ml.corpora.modern.chance import seeded
from seg_ml.corpora.modern.compose import compose
from seg_ml.corpora.modern.drafts import Draft, draft
from seg_ml.corpora.modern.honest import honest
from seg_ml.corpora.modern.hostile import hostile
from seg_ml.corpora.modern.layout import LINKS
from seg_ml.corpora.modern.letters import Block, Template, fill, read_templates, templates
from seg_ml.corpora.modern.mailers import a_mailer
from seg_ml.corpora.modern.messages import message
from seg_ml.corpora.modern.values import Values
from seg_ml.corpora.modern.words import LANGUAGES
from seg_ml.corpora.requests import stored_request
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.evaluation.intervals import wilson
from seg_ml.mail.mime import split_header_block

COMPANY, STRANGER = "the company", "a stranger"
LEARNED, UNSEEN = "may have learned from", "never saw"
"""Letters of the corpus, and those of which no model learned: what it did with their templates."""

_DATA = files("seg_ml.evaluation") / "data" / "letters"
_FIRST = LANGUAGES[0]
_HONEST = ("transactional", "newsletter")  # what companies write; other kinds where the template has a twin
_MOST_HEADINGS = 6  # so many articles there are in every language
_TRIES, _WEIGHT = 300, 3
"""Fillings of a template of which the one most like the first language's is taken; see `_shape`."""

_FIELD = re.compile(rb"^([!-9;-~]+):[^\n]*\n(?:[ \t][^\n]*\n)*", re.MULTILINE)
_OF_THE_BODY = (b"subject", b"content-type", b"content-transfer-encoding")


def translated(count: int, seed: int = 1, source: str = LEARNED) -> pd.DataFrame:
    """`count` letters in all languages from both senders: letter, language, sender, request.

    `source` is LEARNED or UNSEEN.
    """
    return _letters(count, seed, source, {code: (code, 0) for code in LANGUAGES}, same=source == UNSEEN)


def reworded(count: int, seed: int = 1, source: str = LEARNED) -> pd.DataFrame:
    """The same letters in the first language, in as many wordings as there are languages; columns of `translated`."""
    wordings = {f"{_FIRST} {number + 1}": (_FIRST, number) for number in range(len(LANGUAGES))}
    return _letters(count, seed, source, wordings, same=False)


def _letters(count: int, seed: int, source: str, versions: Mapping[str, tuple[str, int]], same: bool) -> pd.DataFrame:
    """Letters in some versions, of each its language and which of its wordings; for `same` see `_rewritten`."""
    known: defaultdict[str, dict[str, Template]] = defaultdict(dict)
    for template in templates() if source == LEARNED else _unseen():
        if template.twin or template.kind in _HONEST:
            known[template.id][template.language] = template
    shared = [name for name, found in known.items() if len(found) == len(LANGUAGES)]
    rows = []
    for number in range(count):
        name = shared[number % len(shared)]
        key = f"translations/{seed}/{name}/{number // len(shared)}"
        first = draft(known[name][_FIRST], key)
        if same or _headings(first.written.blocks) > _MOST_HEADINGS:
            subject, blocks = _first_filling(first, known[name][_FIRST], same)
            first = replace(first, written=replace(first.written, subject=subject, blocks=blocks))
        letters = {
            version: _rewritten(first, known[name][code], same, wording)
            for version, (code, wording) in versions.items()
        }
        for sender in (COMPANY, STRANGER):
            sent = _sent(letters, sender)
            rows += [(f"{name} {number // len(shared) + 1}", code, sender, request) for code, request in sent.items()]
    return pd.DataFrame(rows, columns=["letter", "language", "sender", "request"])


@cache
def _unseen() -> tuple[Template, ...]:
    """The letters that are in no corpus."""
    return tuple(
        template
        for language in LANGUAGES
        for path in sorted((_DATA / language).iterdir(), key=lambda item: item.name)
        for template in read_templates(path.read_text(encoding="utf-8"), language)
    )


def _rewritten(first: Draft, template: Template, same: bool, wording: int = 0) -> Draft:
    """The same draft in the words of another template: who, when, numbers stay, and as nearly as may be the pieces.

    `same`: of each choice in the template the same is taken, for they mean the same in all languages. Otherwise
    another `wording` takes others.
    """
    meant, best, least = _shape(first, first.written.subject, first.written.blocks), first.written, math.inf
    for number in range(wording * _TRIES, (wording + 1) * _TRIES):
        subject, blocks = _filled(first, template, number, same)
        shape = _shape(first, subject, blocks)
        unlike = (shape - meant).total() + (meant - shape).total()
        if unlike < least:
            best, least = replace(first.written, subject=subject, blocks=blocks), unlike
        if not unlike:
            break
    return replace(first, language=template.language, written=best)


def _first_filling(first: Draft, template: Template, same: bool) -> tuple[str, tuple[Block, ...]]:
    """Subject and pieces of a letter that every language can say, a newsletter of a few articles."""
    fillings = (_filled(first, template, number, same) for number in range(_TRIES))
    short = (found for found in fillings if same or _headings(found[1]) <= _MOST_HEADINGS)
    return next(short, (first.written.subject, first.written.blocks))


def _headings(blocks: Sequence[Block]) -> int:
    return sum(block.kind == "heading" for block in blocks)


def _filled(first: Draft, template: Template, number: int, same: bool) -> tuple[str, tuple[Block, ...]]:
    """Subject and pieces of one filling of a template."""
    random, dice = seeded(f"{first.key}/letter/{template.language}/{number}"), seeded("")
    company = replace(first.company, language=template.language)
    values = Values(dice, company, first.written.recipient, first.person, first.written.moment)

    def value(slot: str) -> str:
        dice.seed(f"{first.key}/{slot}")  # each slot has dice of its own, so that a number is the same everywhere
        return values(slot)

    letter = fill(template, seeded(f"{first.key}/letter") if same else random, value)
    return letter.subject, compose(letter, random, value)


def _shape(first: Draft, subject: str, blocks: Sequence[Block]) -> Counter[tuple[str, str]]:
    """What a letter is made of, whatever its language: pieces, pages behind links, whom subject and text name.

    Links and names weigh more than paragraphs, for templates have more or less of these.
    """
    shape = Counter(("piece", block.kind) for block in blocks)
    shape.update({("page", block.target): _WEIGHT for block in blocks if block.kind in LINKS})
    recipient, company = first.written.recipient, first.company
    for where, text in (("subject", subject), ("text", "\n".join(block.text for block in blocks))):
        for name in (company.name, recipient.given, recipient.address):
            shape[where, name] = _WEIGHT * (name in text)
    return shape


def _sent(letters: Mapping[str, Draft], by: str) -> dict[str, ScoreRequest]:
    """The letters as one sender sends them: the same address, page behind each button, session, program, headers."""
    name, first = next(iter(letters.items()))
    random = seeded(f"{first.key}/{by}")
    about = (random, first.company, first.written.recipient)
    sender = honest(*about, first.style, first.name) if by == COMPANY else hostile(*about, first.name)
    sender = replace(sender, link=cache(sender.link))
    mailer = a_mailer(random, first.style, sender.service)
    mails = {
        code: message(letter.written, sender, mailer, seeded(f"{first.key}/{by}/on its way"))
        for code, letter in letters.items()
    }
    return {code: stored_request(_under_headers_of(mails[name], raw)) for code, raw in mails.items()}


def _under_headers_of(first: bytes, raw: bytes) -> bytes:
    """A message with another's headers, but for those that tell of its own words."""
    head, own_head = (split_header_block(some)[0] + b"\n" for some in (first, raw))
    own = {match[1].lower(): match[0] for match in _FIELD.finditer(own_head)}
    fields = ((match[1].lower(), match[0]) for match in _FIELD.finditer(head))
    kept = (own.get(name, b"") if name in _OF_THE_BODY else field for name, field in fields)
    return b"".join(kept) + raw[len(own_head) :]


def agreement(scored: pd.DataFrame, threshold: float, low: float | None = None) -> pd.DataFrame:
    """How often a letter's verdict is one and the same in all languages, a row per sender and one for both.

    `scored` is a table of `translated` with `threat`. Columns: letters, `all agree` (share of letters, with a Wilson
    interval: low, high), `pairs agree` (share of pairs of languages, over letters), `held` (share of mail at or above
    the threshold), `median spread` and `largest spread` of the probability between languages. Where what lies between
    `low` and the threshold is looked at by somebody, `contrary` is the share of letters that are delivered in one
    language and held in another; otherwise that of letters whose verdict is not one.
    """
    parts = (*scored.groupby("sender"), ("both", scored))
    limits = (threshold if low is None else low, threshold)
    return pd.DataFrame([_agreement(name, rows, *limits) for name, rows in parts]).set_index("sender")


def _agreement(name: str, rows: pd.DataFrame, low: float, threshold: float) -> dict[str, object]:
    table = rows.pivot(index=["sender", "letter"], columns="language", values="threat")
    held = np.asarray(table >= threshold)
    same = np.asarray(held.all(axis=1) | ~held.any(axis=1))
    ends = wilson(int(same.sum()), len(same))
    pairs = [held[:, left] == held[:, right] for left, right in combinations(range(held.shape[1]), 2)]
    spread = table.max(axis=1) - table.min(axis=1)
    contrary = held.any(axis=1) & np.asarray(table < low).any(axis=1)
    return {
        "sender": name,
        "letters": len(table),
        "all agree": float(same.mean()),
        "low": ends.low,
        "high": ends.high,
        "pairs agree": float(np.mean(pairs)) if pairs else 1.0,
        "contrary": float(contrary.mean()),
        "held": float(held.mean()),
        "median spread": float(spread.median()),
        "largest spread": float(spread.max()),
    }


def changed(scored: pd.DataFrame, threshold: float, language: str = _FIRST) -> pd.DataFrame:
    """Share of letters whose verdict is another than in `language`: a row per sender, a column per other language."""
    held = scored.assign(held=scored["threat"] >= threshold)
    table = held.pivot(index=["sender", "letter"], columns="language", values="held")
    others = [name for name in LANGUAGES if name in table and name != language]
    return table[others].ne(table[language], axis=0).groupby(level="sender").mean()
