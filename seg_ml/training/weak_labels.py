"""Kinds of threat for corpora that say only `spam`: what signatures saw, as labelling functions.

A labelling function votes for a label or says nothing; the votes of several are counted. What nobody votes
for stays as its corpus has it. Only the kind is learned from these labels, never whether mail is a threat.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pandas as pd

from seg_ml.domain.verdict import Label

VOTES: dict[str, Label] = {
    "advance-fee-fraud": Label.FRAUD,
    "extortion": Label.FRAUD,
    "payment-change": Label.FRAUD,
    "callback-phishing": Label.FRAUD,
    "free-mail-executive": Label.FRAUD,
    "credential-request": Label.PHISHING,
    "brand-impersonation": Label.PHISHING,
    "brand-spoof": Label.PHISHING,
    "link-text-mismatch": Label.PHISHING,
    "lookalike-domain": Label.PHISHING,
    "body-form": Label.PHISHING,
    "executable-attachment": Label.MALWARE,
    "archive-executable": Label.MALWARE,
    "office-macro": Label.MALWARE,
    "known-hash": Label.MALWARE,
}
"""A signature's vote."""

_LONE = frozenset({"advance-fee-fraud", "extortion", "executable-attachment", "archive-executable", "known-hash"})
"""Signatures whose vote counts alone; of the others two must agree."""


def vote(findings: Iterable[str]) -> Label | None:
    """The label that these signatures' findings speak for, `None` where they are silent or at odds."""
    seen = set(findings)
    counts = Counter(VOTES[name] for name in seen if name in VOTES)
    if not counts:
        return None
    (label, most), *others = counts.most_common(2)
    if others and others[0][1] == most:
        return None
    alone = any(VOTES.get(name) == label for name in seen & _LONE)
    return label if alone or most >= 2 else None


def kind_labels(frame: pd.DataFrame) -> list[str]:
    """Labels to learn kinds from, for a frame with `label` and `findings`: `spam` may become a kind of its own."""
    present = set(frame["label"])
    return [
        voted.value if label == Label.SPAM and (voted := vote(findings)) and voted.value in present else label
        for label, findings in zip(frame["label"], frame["findings"], strict=True)
    ]
