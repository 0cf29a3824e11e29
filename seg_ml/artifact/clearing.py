"""The smallest change that would have made a message pass: what a verdict hangs on, said the other way round."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from seg_ml.artifact.model import MailModel
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
_WORDS = 6
_MOST = 3


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
    name: str
    columns: Mapping[int, float]
    words: tuple[str, ...] = ()


def clearing(model: MailModel, request: ScoreRequest, limit: float = 0.5) -> Clearing | None:
    """The fewest changes, at most three, after which the probability of being unwanted is below `limit`.

    Changes are those that a sender could make: prove who he is, link to his own site, not do what a signature saw,
    leave out the words that told. `None` where the message passes as it is, or nothing of this would help.
    """
    reading = model.reader.read(request)
    texts = model.text_logits(reading)
    vector = reading.vector.astype(np.float64)
    if model.threat(vector, texts, reading.tokens) < limit:
        return None
    changes = list(_changes(model, reading, vector))
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


def _changes(model: MailModel, reading: Reading, vector: Floats) -> Iterator[_Change]:
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
    told = tuple(word for word, weight in model.contributions(reading)[:40] if weight > 0)[:_WORDS]
    if told:
        shown = ", ".join(f"“{word.partition(':')[2] or word}”" for word in told[:4])
        yield _Change(f"without the words {shown}", {}, told)


def _after(model: MailModel, reading: Reading, vector: Floats, texts: Floats, changes: tuple[_Change, ...]) -> float:
    changed, logits, kept = vector.copy(), texts.copy(), reading.tokens
    for change in changes:
        for column, value in change.columns.items():
            changed[column] = value
    words = {word for change in changes for word in change.words}
    if words:
        kept = [token for token in reading.tokens if not words & {token, *token.split(" ")}]
        linear = model.linear_logits(kept)
        logits[: len(linear)] = linear
    return model.threat(changed, logits, kept)
