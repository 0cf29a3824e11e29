"""`seg-ml tune` on the tiny project: trials, their table, and the command that would use the best."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def tune(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "MLFLOW_TRACKING_URI": "", "COLUMNS": "120"}
    command = [sys.executable, "-m", "seg_ml.cli.main", "tune", *arguments]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def project(trained_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tune") / "p"
    return shutil.copytree(trained_project, folder, ignore=shutil.ignore_patterns("var", "artifact", "evaluation"))


def test_a_study_is_told_and_gone_on_with(project: Path) -> None:
    first = tune(project, "--trials", "2", "--study", "mine")
    assert first.returncode == 0, first.stderr[-2000:]
    assert "as they are" in first.stdout
    assert "dvc exp run -S fusion." in first.stdout or "No trial did better" in first.stdout
    again = tune(project, "--trials", "3", "--study", "mine")
    assert "trial 2:" in again.stderr and "trial 1:" not in again.stderr
    other = tune(project, "--trials", "3", "--study", "mine", "--sample", "60")
    assert other.returncode == 1 and "choose another --study" in other.stderr


def test_votes_stay_as_they_are(project: Path, tmp_path: Path) -> None:
    done = tune(project, "--trials", "2", "--study", "trees")
    assert done.returncode == 0, done.stderr[-2000:]
    assert "leaves=" in done.stdout and "vote" not in done.stdout and "floor" not in done.stdout
    other = shutil.copytree(project, tmp_path / "other")
    text = (other / "params.yaml").read_text(encoding="utf-8")
    changed = re.sub(r"\bvote_alone: *([\d.]+)", lambda found: f"vote_alone: {float(found[1]) + 0.3}", text)
    assert changed != text
    (other / "params.yaml").write_text(changed, encoding="utf-8")
    refused = tune(other, "--trials", "3", "--study", "trees")
    assert refused.returncode == 1 and "choose another --study" in refused.stderr


def test_fine_tuning_is_searched_too(project: Path) -> None:
    done = tune(project, "--of", "transformer", "--trials", "1", "--sample", "80")
    assert done.returncode == 0, done.stderr[-2000:]
    assert "transformer-80" in done.stdout


def test_what_is_missing_is_said(project: Path, tmp_path: Path) -> None:
    bare = shutil.copytree(project, tmp_path / "bare", ignore=shutil.ignore_patterns("models", "hidden", "var"))
    for of, stage in (("fusion", "dvc repro transformer"), ("transformer", "dvc repro encode")):
        done = tune(bare, "--of", of)
        assert done.returncode == 1 and stage in done.stderr
        assert "Traceback" not in done.stderr
