"""A project folder that goes through the whole pipeline in under a minute."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from seg_ml.artifact.manifest import MANIFEST
from seg_ml.corpora.add import add
from seg_ml.domain.verdict import Label
from seg_ml.testing.backbone import tiny_backbone
from seg_ml.testing.mail import synthetic_mail, write_folder

REPOSITORY = Path(__file__).resolve().parents[2]
STAGES = ("prepare", "split", "extract", "linear", "encode", "transformer", "fusion", "evaluate", "register")


def reduced_params(sha256: str) -> dict[str, Any]:
    """The repository's parameters, with a tiny backbone and little of everything."""
    params: dict[str, Any] = yaml.safe_load((REPOSITORY / "params.yaml").read_text(encoding="utf-8"))
    params["corpora"]["use"] = ["tiny-ham", "tiny-spam"]
    params["transformer"] |= {
        "backbone": "folder:backbone",
        "sha256": sha256,
        "trim_vocabulary": False,
        "head": 62,
        "epochs": 2,
        "folds": 2,
        "threads": 1,
    }
    params["fusion"] |= {"iterations": 20, "copies": 1, "folds": 3}
    params["linear_folds"] = 3
    params["evaluation"] |= {"resamples": 100, "slice_minimum": 20}
    params["gate"] |= {
        "recall": 0.5,
        "ece": 0.2,
        "latency_p95_ms": 2000,
        "corpus_auc": 1.0,
        "slice_minimum": 20,
        "slice_margin": 0.06,
    }
    return params


def make_project(folder: Path, each: int = 160) -> Path:
    """Write parameters, corpora and backbone into a new folder."""
    folder.mkdir(parents=True)
    sha256 = tiny_backbone(
        folder / "backbone", [synthetic_mail(label, n).decode() for label in ("ham", "spam") for n in range(40)]
    )
    (folder / "params.yaml").write_text(yaml.safe_dump(reduced_params(sha256), sort_keys=False), encoding="utf-8")
    for label in (Label.HAM, Label.SPAM):
        mail = write_folder(folder / "mail" / label, label.value, each)
        add(mail, f"tiny-{label}", label, folder / "data" / "raw")
    return folder


def run_stages(folder: Path, *stages: str) -> None:
    """Run stages of the pipeline in a project folder, each a process of its own."""
    environment = {**os.environ, "MLFLOW_TRACKING_URI": "", "PYTHONWARNINGS": "ignore"}
    for stage in stages or STAGES:
        command = [sys.executable, "-m", "seg_ml.training.stage", stage]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, f"stage {stage}:\n{done.stderr[-3000:]}"


def without_cascade(artifact: Path, folder: Path) -> Path:
    """A copy of an artifact in which the transformer reads every message.

    What the cascade settles has the probability of another model: leaving out words can move a message from the one
    to the other, and its probability up.
    """
    shutil.copytree(artifact, folder)
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    del manifest["cascade"]
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return folder
