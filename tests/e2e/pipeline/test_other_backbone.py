"""Another family of encoders, cut to the vocabulary of its mail, through the pipeline to a verdict."""

import shutil
from pathlib import Path

import yaml

from seg_ml.artifact.model import MailModel
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.testing.backbone import tiny_multilingual
from seg_ml.testing.mail import synthetic_mail
from seg_ml.testing.project import run_stages


def test_a_trimmed_multilingual_backbone(trained_project: Path, tmp_path: Path) -> None:
    ignored = shutil.ignore_patterns("var", "hidden", "artifact", "evaluation", "transformer")
    project = shutil.copytree(trained_project, tmp_path / "p", ignore=ignored)
    learned = [synthetic_mail(label, n).decode() for label in ("ham", "spam") for n in range(40)]
    sha256 = tiny_multilingual(project / "multilingual", learned)
    params = yaml.safe_load((project / "params.yaml").read_text())
    params["transformer"] |= {"backbone": "folder:multilingual", "sha256": sha256, "trim_vocabulary": True}
    params["cascade"]["use"] = "never"
    (project / "params.yaml").write_text(yaml.safe_dump(params))
    run_stages(project, "encode", "transformer", "fusion")
    trimmed = project / "data" / "hidden" / "backbone"
    assert (trimmed / "model.safetensors").stat().st_size < (project / "multilingual/model.safetensors").stat().st_size
    artifact = project / "data" / "artifact"
    assert (artifact / "tokenizer.json").read_bytes() == (trimmed / "tokenizer.json").read_bytes()
    verdict = MailModel.load(artifact).score([ScoreRequest(synthetic_mail("spam", 3, seed=99))])[0]
    assert 0 < verdict.threat_probability < 1
