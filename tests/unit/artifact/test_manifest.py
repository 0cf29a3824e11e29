"""Loading refuses what differs from the manifest, and says which file."""

import json
import shutil
from pathlib import Path

import pytest

from seg_ml.artifact.manifest import MANIFEST, Manifest
from seg_ml.artifact.model import MailModel
from seg_ml.domain.errors import ArtifactMismatch, SchemaMismatch


@pytest.fixture
def artifact(trained_project: Path, tmp_path: Path) -> Path:
    return shutil.copytree(trained_project / "data" / "artifact", tmp_path / "artifact")


def edit(artifact: Path, **changes: object) -> None:
    data = json.loads((artifact / MANIFEST).read_text())
    (artifact / MANIFEST).write_text(json.dumps({**data, **changes}))


def test_what_was_built_loads(artifact: Path) -> None:
    manifest = Manifest.read(artifact)
    assert manifest.labels == ("ham", "spam")
    assert "phishing" in manifest.absent_labels
    assert {"encoder.onnx", "tokenizer.json", "fusion.safetensors", "calibration.json"} <= set(manifest.files)
    assert manifest.training["messages"] > 0
    assert manifest.training["git_commit"]


def test_no_pickle_among_the_files(artifact: Path) -> None:
    assert {path.suffix for path in artifact.iterdir()} <= {".onnx", ".json", ".safetensors", ".md"}


@pytest.mark.parametrize("name", ["encoder.onnx", "words.json", "fusion.safetensors"])
def test_a_changed_file(artifact: Path, name: str) -> None:
    with (artifact / name).open("ab") as file:
        file.write(b" ")
    with pytest.raises(ArtifactMismatch, match=name):
        MailModel.load(artifact)


def test_a_missing_file(artifact: Path) -> None:
    (artifact / "tokenizer.json").unlink()
    with pytest.raises(ArtifactMismatch, match=r"tokenizer\.json is missing"):
        MailModel.load(artifact)


def test_an_added_file(artifact: Path) -> None:
    (artifact / "model.pkl").write_bytes(b"x")
    with pytest.raises(ArtifactMismatch, match=r"model\.pkl is not in the manifest"):
        MailModel.load(artifact)


def test_no_manifest(tmp_path: Path) -> None:
    with pytest.raises(ArtifactMismatch, match="not a model artifact"):
        MailModel.load(tmp_path)


def test_another_parser(artifact: Path) -> None:
    edit(artifact, code={"parser": 0, "reading": 1, "tokens": 1})
    with pytest.raises(SchemaMismatch, match="retrain"):
        MailModel.load(artifact)


def test_another_version_of_a_signature(artifact: Path) -> None:
    signatures = json.loads((artifact / MANIFEST).read_text())["signatures"]
    edit(artifact, signatures=[[signatures[0][0], 99], *signatures[1:]])
    with pytest.raises(SchemaMismatch, match=signatures[0][0]):
        MailModel.load(artifact)


def test_another_format(artifact: Path) -> None:
    edit(artifact, format=99)
    with pytest.raises(ArtifactMismatch, match="format 99"):
        MailModel.load(artifact)
