"""Kinds of wanted and unwanted mail."""

from pathlib import Path

import numpy as np
import pytest

from seg_ml.models.kinds import Kinds, fit_kinds
from seg_ml.models.linear import LinearOptions

OPTIONS = LinearOptions(pairs=False, min_messages=1, inverse_regularization=30.0)
MAIL = {
    "ham": ["meeting", "notes"],
    "spam": ["pills", "cheap"],
    "phishing": ["verify", "account"],
    "fraud": ["prince", "transfer"],
}


def kinds(*labels: str) -> Kinds:
    rows = [(MAIL[label], label) for label in labels for _ in range(5)]
    return fit_kinds([tokens for tokens, _ in rows], [label for _, label in rows], OPTIONS, seed=1)


@pytest.mark.parametrize("labels", [("ham", "spam"), ("ham", "spam", "phishing"), ("ham", "spam", "phishing", "fraud")])
def test_the_probability_of_a_threat_is_kept(labels: tuple[str, ...], tmp_path: Path) -> None:
    fitted = kinds(*labels)
    fitted.save(tmp_path)
    fitted = Kinds.load(tmp_path)
    assert fitted.labels == labels
    spread = fitted.spread(np.array([0.3, 0.7]), MAIL[labels[-1]])
    assert spread.sum() == pytest.approx(1.0)
    assert spread[0] == pytest.approx(0.3)
    assert labels[int(spread.argmax())] == labels[-1]


def test_unknown_words_favour_nobody_much() -> None:
    spread = kinds("ham", "spam", "phishing").spread(np.array([0.0, 1.0]), ["never", "seen"])
    assert 0.2 < spread[1] < 0.8
