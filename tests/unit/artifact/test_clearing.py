"""The smallest change that would have made a message pass."""

from dataclasses import replace
from pathlib import Path

import pytest

from seg_ml.artifact.clearing import clearing
from seg_ml.artifact.model import MailModel
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.testing.mail import synthetic_mail
from seg_ml.testing.project import without_cascade


@pytest.fixture(scope="module")
def model(trained_project: Path, tmp_path_factory: pytest.TempPathFactory) -> MailModel:
    folder = tmp_path_factory.mktemp("clearing") / "artifact"
    return MailModel.load(without_cascade(trained_project / "data" / "artifact", folder), "seg-mail/1")


def test_nothing_is_asked_of_mail_that_passes(model: MailModel) -> None:
    assert clearing(model, ScoreRequest(synthetic_mail("ham", 3, seed=99))) is None


def test_the_changes_are_few_and_named_and_help(model: MailModel, monkeypatch: pytest.MonkeyPatch) -> None:
    # The weights of a tiny transformer are random: it may like a text less without its worst words.
    weights = model._fusion.votes.weights.copy()
    weights[-2] = 0.0
    monkeypatch.setattr(model._fusion, "votes", replace(model._fusion.votes, weights=weights))
    for number in range(8):
        request = ScoreRequest(synthetic_mail("spam", number, seed=99))
        limit = model.score([request])[0].threat_probability - 1e-9
        found = clearing(model, request, limit)
        assert found is not None
        assert 1 <= len(found.changes) <= 3
        assert found.probability < limit
        assert found.changes[0] in found.sentence


def test_any_bytes(model: MailModel) -> None:
    for raw in (b"", bytes(range(256))):
        clearing(model, ScoreRequest(raw), limit=0.0)
