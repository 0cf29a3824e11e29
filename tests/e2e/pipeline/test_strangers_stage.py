"""The stage `strangers`: mail by other hands, judged by the artifact at the test split's threshold."""

import json
import shutil
from pathlib import Path

import pytest

from seg_ml.evaluation.strangers import AS_STORED, UNKNOWN
from seg_ml.testing.project import run_stages

LETTER = b"From: %s <%s>\nTo: b@home.example\nSubject: %s\nDate: Mon, 3 Mar 2025 10:00:00 +0000\n\n%s\n"
WANTED = LETTER % (b"Ann", b"ann@firm.example", b"minutes of Monday", b"Here are the minutes, see you on Thursday.")
UNWANTED = LETTER % (b"Prize", b"win@prize.example", b"YOU WON", b"Claim your fortune now, send us your bank account!")


@pytest.fixture
def project(trained_project: Path, tmp_path: Path) -> Path:
    return shutil.copytree(trained_project, tmp_path / "p", ignore=shutil.ignore_patterns("var", "hidden"))


def test_both_sides_are_judged_with_and_without_the_session(project: Path) -> None:
    for side, name, raw in (("wanted", "001-minutes.eml", WANTED), ("unwanted", "001-fraud-prize.eml", UNWANTED)):
        folder = project / "data/strangers/2026-12" / side
        folder.mkdir(parents=True)
        (folder / name).write_bytes(raw)
    run_stages(project, "strangers")
    figures = json.loads((project / "data/evaluation/strangers.json").read_text())["sets"]["2026-12"]
    assert (figures["wanted"], figures["unwanted"]) == (1, 1) and set(figures["kinds"]) == {"fraud"}
    assert set(figures["sessions"]) == {AS_STORED, UNKNOWN}
    assert {"fused", "baseline", "transformer"} == set(figures["sessions"][AS_STORED])
    assert "by kind: 2026-12: fraud" in (project / "data/evaluation/strangers.md").read_text()


def test_without_such_mail_it_says_where_it_should_be(project: Path) -> None:
    with pytest.raises(AssertionError, match="data/strangers"):
        run_stages(project, "strangers")
