"""The smallest change that would have made a message pass: what a verdict hangs on, said the other way round."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from seg_ml.artifact.explain import readable
from seg_ml.artifact.model import MailModel
from seg_ml.artifact.occlusion import without
from seg_ml.artifact.reading import Reading
from seg_ml.domain.envelope import ScoreRequest

Floats = NDArray[np.float64]

_PROVEN: Mapping[str, float] = {
    "session.author_proven": 1, "session.author_disproven": 0, "session.dkim_of_author": 1, "session.dkim_pass": 1,
    "session.dkim_fail": 0, "session.spf_pass": 1, "session.spf_fail": 0, "session.reverse_path_of_author": 1,
    "session.reverse_path_elsewhere": 0, "identity.dmarc_pass": 1, "identity.dmarc_fail": 0, "identity.aligned_dkim": 1,
    "signature.failed-authentication": 0, "signature.identity-proven": float(np.log1p(1)),
    "claims.elsewhere_without_proof": 0,
}  # fmt: skip
_OWN_LINKS: Mapping[str, float] = {
    "claims.anchors_own": 1, "claims.anchors_elsewhere": 0, "claims.link_hyphens": 0, "claims.link_digits": 0,
    "claims.link_consonants": 0, "claims.elsewhere_without_proof": 0, "link-shape.own_share": 1,
    "link-shape.address_share": 0, "signature.link-text-mismatch": 0, "signature.link-raw-ip": 0,
    "signature.link-shortener": 0, "signature.link-free-host": 0, "signature.link-cheap-suffix": 0,
}  # fmt: skip
_WORDS, _TOLD, _SHOWN = 6, 4, 6
_MOST = 3
_UNREAD = ("u:", "f:", "t:", "h:")  # tokens of links, sender, form and program stand in no text
_WORD = re.compile(r"[^\W_][\w'$%&-]*|[$€£!?]+")


@dataclass(frozen=True, slots=True)
class Clearing:
    """`changes` in words, fewest first; `probability` of being unwanted with all of them made."""

    changes: tuple[str, ...]
    probability: float

    @property
    def sentence(self) -> str:
        """For people."""
        return f"It would have passed ({self.probability:.0%} unwanted) {' and '.join(self.changes)}."


@dataclass(frozen=True)
class _Change:
    """`texts` (experts,) and `tokens` are what is left where words are gone; `None` where words stay."""

    name: str
    columns: Mapping[int, float]
    texts: Floats | None = None
    tokens: tuple[str, ...] = ()


def clearing(model: MailModel, request: ScoreRequest, limit: float = 0.5, told: Sequence[str] = ()) -> Clearing | None:
    """The fewest changes, at most three, after which the probability of being unwanted is below `limit`.

    Changes are those that a sender could make: prove who he is, link to his own site, not do what a signature saw,
    leave out the words that told. `told` are words by which the transformer went, where they are known; what it
    makes of the text without the words is asked once. `None` where the message passes as it is, or nothing of this
    would help.
    """
    reading = model.reader.read(request)
    texts = model.text_logits(reading)
    vector = reading.vector.astype(np.float64)
    if model.threat(vector, texts, reading.tokens) < limit:
        return None
    changes = list(_changes(model, reading, vector, told))
    alone = {change.name: _after(model, reading, vector, texts, (change,)) for change in changes}
    changes.sort(key=lambda change: alone[change.name])
    for count in range(1, _MOST + 1):
        tried = [
            (_after(model, reading, vector, texts, some), some)
            for some in combinations(changes if count == 1 else changes[:6], count)
        ]
        best = min(tried, key=lambda item: item[0], default=None)
        if best is not None and best[0] < limit:
            return Clearing(tuple(change.name for change in best[1]), best[0])
    return None


def _changes(model: MailModel, reading: Reading, vector: Floats, told: Sequence[str]) -> Iterator[_Change]:
    columns = {name: index for index, name in enumerate(model.reader.vectorizer.names)}
    for name, wanted in (
        ("had its sender been proven", _PROVEN),
        ("had its links led to its sender's own site", _OWN_LINKS),
    ):
        changed = {columns[key]: value for key, value in wanted.items() if key in columns}
        changed = {column: value for column, value in changed.items() if vector[column] != value}
        if changed:
            yield _Change(name, changed)
    for name in dict.fromkeys(finding.signature for finding in reading.findings):
        column = columns.get(f"signature.{name}")
        if column is not None and vector[column] and name != "identity-proven":
            yield _Change(f"without what {name} saw", {column: 0.0})
    heavy = (*model.contributions(reading)[:40], *model.own_contributions(reading)[:10])
    words = (*[word for word, weight in heavy if weight > 0][:_WORDS], *told[:_TOLD])
    if words:
        shown = ", ".join(f"“{word}”" for word in list(dict.fromkeys(map(readable, words)))[:_SHOWN])
        yield _Change(f"without the words {shown}", {}, *_without(model, reading, set(words)))


def _without(model: MailModel, reading: Reading, words: set[str]) -> tuple[Floats, tuple[str, ...]]:
    """Text logits (experts,) and tokens of the message without these words."""
    gone = {_plain(word) for word in words if word[:2] not in _UNREAD}
    kept = tuple(token for token in reading.tokens if not (words | gone) & {token, *token.split(" ")})
    spans = [match.span() for match in _WORD.finditer(reading.text) if match.group().casefold() in gone]
    left = replace(reading, tokens=list(kept), text=without(reading.text, spans))
    return model.text_logits(left), kept


def _plain(word: str) -> str:
    return word.partition(":")[2] or word


def _after(model: MailModel, reading: Reading, vector: Floats, texts: Floats, changes: tuple[_Change, ...]) -> float:
    changed, logits, kept = vector.copy(), texts, tuple(reading.tokens)
    for change in changes:
        for column, value in change.columns.items():
            changed[column] = value
        if change.texts is not None:
            logits, kept = change.texts, change.tokens
    return model.threat(changed, logits, kept)
