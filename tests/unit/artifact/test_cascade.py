"""What is settled early is the same wherever it is asked, and the encoder does not read it."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from seg_ml.artifact.clearing import clearing
from seg_ml.artifact.manifest import MANIFEST
from seg_ml.artifact.model import MailModel
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.models.encoder import Encoder
from seg_ml.testing.mail import synthetic_mail
from seg_ml.testing.project import without_cascade

MAIL = [ScoreRequest(synthetic_mail(label, n, seed=99)) for n in range(6) for label in ("ham", "spam")]


def with_margins(project: Path, folder: Path, wanted: float, unwanted: float) -> MailModel:
    artifact = shutil.copytree(project / "data" / "artifact", folder / f"{wanted}-{unwanted}")
    manifest = json.loads((artifact / MANIFEST).read_text())
    manifest["cascade"] = {"wanted": wanted, "unwanted": unwanted}
    (artifact / MANIFEST).write_text(json.dumps(manifest))
    return MailModel.load(artifact)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    embed = Encoder.embed
    monkeypatch.setattr(Encoder, "embed", lambda self, text: found.append(text) or embed(self, text))
    return found


def test_the_encoder_reads_only_what_is_not_settled(trained_project: Path, tmp_path: Path, reads: list[str]) -> None:
    for margins, count in (((0.5, 0.5), 0), ((-1.0, 2.0), len(MAIL)), ((-1.0, 0.5), len(MAIL) // 2)):
        reads.clear()
        model = with_margins(trained_project, tmp_path, *margins)
        verdicts = model.score(MAIL)
        assert len(reads) == count
        assert all(verdict.explanation.words for verdict in verdicts)


def test_components_and_clearing_say_what_is_served(trained_project: Path, tmp_path: Path) -> None:
    model = with_margins(trained_project, tmp_path, -1.0, 0.5)
    for request, verdict in zip(MAIL, model.score(MAIL), strict=True):
        parts = model.components(request)
        assert parts.settled == (verdict.threat_probability >= 0.5)
        np.testing.assert_allclose(parts.fused, list(verdict.probabilities.values()), rtol=0, atol=1e-12)
        if parts.settled:  # nothing is asked of what is below the limit already
            assert clearing(model, request, verdict.threat_probability + 1e-9) is None


def test_who_read_is_told(trained_project: Path) -> None:
    told: list[bool] = []
    model = MailModel.load(trained_project / "data" / "artifact", watch=told.append)
    model.score(MAIL)
    assert told == [model.components(request).settled for request in MAIL]


def test_an_artifact_without_a_cascade_reads_everything(
    trained_project: Path, tmp_path: Path, reads: list[str]
) -> None:
    artifact = without_cascade(trained_project / "data" / "artifact", tmp_path / "artifact")
    MailModel.load(artifact).score(MAIL)
    assert len(reads) == len(MAIL)
