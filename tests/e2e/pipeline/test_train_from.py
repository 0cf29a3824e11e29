"""`seg-ml train --from`: a registered model made to fit own mail, and what it says where it cannot."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from seg_ml.artifact.manifest import Manifest
from seg_ml.artifact.model import MailModel
from seg_ml.corpora.add import add
from seg_ml.corpora.store import read_record
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.verdict import Label
from seg_ml.registry.settings import registry_settings
from seg_ml.registry.versions import figures_of, version_info
from seg_ml.testing.mail import house_news, synthetic_mail
from seg_ml.testing.project import run_stages


def seg_ml(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "MLFLOW_TRACKING_URI": "", "COLUMNS": "160", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "seg_ml.cli.main", *arguments]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=600)


@pytest.fixture(scope="module")
def project(trained_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registered model, and mail of a house whose own news it takes for spam."""
    folder = tmp_path_factory.mktemp("own") / "p"
    shutil.copytree(trained_project, folder, ignore=shutil.ignore_patterns("var", "hidden"))
    run_stages(folder, "register")
    for label, write in ((Label.HAM, house_news), (Label.SPAM, lambda n: synthetic_mail("spam", n, seed=41))):
        mail = folder / "own" / label
        mail.mkdir(parents=True)
        for number in range(120 if label is Label.HAM else 60):
            (mail / f"{number:03}.eml").write_bytes(write(number))
        add(mail, f"our-{label}", label, folder / "data" / "raw", shippable=label is Label.SPAM)
    return folder


def test_own_news_gets_through_and_the_challenger_is_the_adapted_model(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    done = seg_ml(
        project, "train", "--from", "1", "--corpus", "our-ham", "--corpus", "our-spam", "--output", "adapted",
        "--most-worse", "0.05", "--limit", "20",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "own, campaigns held out" in done.stdout and "own, the latest" in done.stdout
    settings = registry_settings(project)
    info = version_info("challenger", settings=settings)
    assert info.tags["adapted_from"] == "seg-mail/1"
    changed = figures_of(info, settings)["adapted"]
    for sort in ("own, campaigns held out false positives", "own, the latest false positives"):
        assert changed[sort]["after"] < changed[sort]["before"]
    assert changed["retained recall"]["after"] > changed["retained recall"]["before"] - 0.05
    manifest = Manifest.read(project / "adapted")
    facts = manifest.training["adapted"]
    record = read_record("our-ham", project / "data" / "raw")
    assert record is not None and facts["corpora"]["our-ham"] == record.sha256
    assert facts["base"] == "seg-mail/1" and manifest.correction == facts["limit"] == 20.0
    assert not manifest.shippable
    news = [ScoreRequest(house_news(number, seed=9)) for number in range(20)]
    before = MailModel.load(project / "data" / "artifact").score(news)
    after = MailModel.load(project / "adapted").score(news)
    assert all(verdict.threat_probability > 0.9 for verdict in before)
    assert all(verdict.threat_probability < 0.1 for verdict in after)
    assert json.loads((project / "adapted" / "own.json").read_text())["vocabulary"]
    gate = seg_ml(project, "promote", "--dry-run")
    assert "largest loss of a slice" in gate.stdout, gate.stderr
    again = seg_ml(
        project, "train", "--from", "adapted", "--corpus", "our-ham", "--output", "twice", "--no-register", "--accept"
    )
    assert again.returncode == 0, again.stderr[-2000:]
    assert Manifest.read(project / "twice").training["adapted"]["messages"]["own"] < facts["messages"]["own"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--from", "1", "--corpus", "nobody"], "nobody"),
        (["--from", "99", "--corpus", "our-ham"], "seg-ml models list"),
        (["--from", "1", "--corpus", "our-ham", "--retained", "0"], "no threats"),
    ],
)
def test_what_is_missing_is_said(project: Path, arguments: list[str], words: str) -> None:
    done = seg_ml(project, "train", *arguments)
    assert done.returncode == 1
    assert words in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr
