"""Labelling functions from findings."""

import pandas as pd
import pytest

from seg_ml.domain.verdict import Label
from seg_ml.signatures.catalogue import CATALOGUE
from seg_ml.training.weak_labels import VOTES, kind_labels, vote


@pytest.mark.parametrize(
    ("findings", "label"),
    [
        ([], None),
        (["hidden-text"], None),
        (["advance-fee-fraud"], Label.FRAUD),
        (["credential-request"], None),
        (["credential-request", "brand-impersonation"], Label.PHISHING),
        (["credential-request", "brand-impersonation", "extortion", "payment-change"], None),
    ],
)
def test_votes(findings: list[str], label: Label | None) -> None:
    assert vote(findings) == label


def test_every_voter_is_a_signature() -> None:
    assert set(VOTES) <= set(CATALOGUE)


def test_only_spam_is_relabelled_and_only_to_what_is_there() -> None:
    frame = pd.DataFrame(
        {
            "label": ["spam", "ham", "fraud", "spam"],
            "findings": [["extortion"], ["extortion"], [], ["known-hash"]],
        }
    )
    assert kind_labels(frame) == ["fraud", "ham", "fraud", "spam"]
