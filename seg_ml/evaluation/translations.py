"""The same letter in several languages: its verdict must not change with them.

Letters are those of which `modern` has a template in every language. One is drawn: company, recipient, person who
signs, time, layout, sender, hosts of links, session and results of authentication. Then it is written in each language
with all of that kept, once sent by the company and once by somebody who pretends to be it. The templates say the same,
not word for word; numbers and dates are written as the language writes them.

A model may have learned from the templates. This measures whether a language moves a verdict, not how good verdicts
are: agreement on letters of which no language was seen can only be less.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import combinations

import numpy as np
import pandas as pd

from seg_ml.corpora.modern.chance import seeded
from seg_ml.corpora.modern.compose import compose
from seg_ml.corpora.modern.drafts import Draft, draft
from seg_ml.corpora.modern.honest import honest
from seg_ml.corpora.modern.hostile import hostile
from seg_ml.corpora.modern.letters import Template, fill, templates
from seg_ml.corpora.modern.mailers import a_mailer
from seg_ml.corpora.modern.messages import message
from seg_ml.corpora.modern.values import Values
from seg_ml.corpora.modern.words import LANGUAGES
from seg_ml.corpora.requests import stored_request
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.evaluation.intervals import wilson

COMPANY, STRANGER = "the company", "a stranger"
_FIRST = LANGUAGES[0]


def translated(count: int, seed: int = 1) -> pd.DataFrame:
    """`count` letters in all languages from both senders: letter, language, sender, request."""
    known: defaultdict[str, dict[str, Template]] = defaultdict(dict)
    for template in templates():
        known[template.id][template.language] = template
    shared = [name for name, found in known.items() if len(found) == len(LANGUAGES)]
    rows = []
    for number in range(count):
        name = shared[number % len(shared)]
        key = f"translations/{seed}/{name}/{number // len(shared)}"
        first = draft(known[name][_FIRST], key)
        letters = {language: _rewritten(first, known[name][language]) for language in LANGUAGES[1:]}
        for sender in (COMPANY, STRANGER):
            sent = _sent({_FIRST: first, **letters}, sender)
            rows += [(f"{name} {number // len(shared) + 1}", code, sender, request) for code, request in sent.items()]
    return pd.DataFrame(rows, columns=["letter", "language", "sender", "request"])


def _rewritten(first: Draft, template: Template) -> Draft:
    """The same draft in the words of another template; who, when and where stay."""
    random = seeded(f"{first.key}/letter/{template.language}")
    company = replace(first.company, language=template.language)
    value = Values(random, company, first.written.recipient, first.person, first.written.moment)
    letter = fill(template, random, value)
    written = replace(first.written, subject=letter.subject, blocks=compose(letter, random, value))
    return replace(first, language=template.language, written=written)


def _sent(letters: Mapping[str, Draft], by: str) -> dict[str, ScoreRequest]:
    """The letters as one sender sends them: the same address, page behind each button, session, program."""
    first = letters[_FIRST]
    random = seeded(f"{first.key}/{by}")
    about = (random, first.company, first.written.recipient)
    sender = honest(*about, first.style, first.name) if by == COMPANY else hostile(*about, first.name)
    sender = replace(sender, link=cache(sender.link))
    mailer = a_mailer(random, first.style, sender.service)
    requests = {
        code: stored_request(message(letter.written, sender, mailer, seeded(f"{first.key}/{by}/on its way")))
        for code, letter in letters.items()
    }
    # Chances drawn on the way hang on a letter's length: the session is that of the first for all.
    envelope, authentication = requests[_FIRST].envelope, requests[_FIRST].authentication
    return {
        code: replace(request, envelope=envelope, authentication=authentication) for code, request in requests.items()
    }


def agreement(scored: pd.DataFrame, threshold: float) -> pd.DataFrame:
    """How often a letter's verdict is one and the same in all languages, a row per sender and one for both.

    `scored` is a table of `translated` with `threat`. Columns: letters, `all agree` (share of letters, with a Wilson
    interval: low, high), `pairs agree` (share of pairs of languages, over letters), `held` (share of mail at or above
    the threshold), `median spread` and `largest spread` of the probability between languages.
    """
    return pd.DataFrame(
        [_agreement(name, rows, threshold) for name, rows in (*scored.groupby("sender"), ("both", scored))]
    ).set_index("sender")


def _agreement(name: str, rows: pd.DataFrame, threshold: float) -> dict[str, object]:
    table = rows.pivot(index=["sender", "letter"], columns="language", values="threat")
    held = np.asarray(table >= threshold)
    same = np.asarray(held.all(axis=1) | ~held.any(axis=1))
    ends = wilson(int(same.sum()), len(same))
    pairs = [held[:, left] == held[:, right] for left, right in combinations(range(held.shape[1]), 2)]
    spread = table.max(axis=1) - table.min(axis=1)
    return {
        "sender": name,
        "letters": len(table),
        "all agree": float(same.mean()),
        "low": ends.low,
        "high": ends.high,
        "pairs agree": float(np.mean(pairs)) if pairs else 1.0,
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
