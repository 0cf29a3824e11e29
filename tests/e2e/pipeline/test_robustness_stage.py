"""The stage `robustness`: the artifact under attack, and what disguised copies to learn from are worth."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import yaml

from seg_ml.evaluation.attacks import ATTACKS
from seg_ml.evaluation.robustness import NONE, WITH, WITHOUT
from seg_ml.testing.project import run_stages


def test_attacks_are_measured_with_and_without_disguised_copies(trained_project: Path, tmp_path: Path) -> None:
    project = shutil.copytree(trained_project, tmp_path / "p", ignore=shutil.ignore_patterns("var"))
    params = yaml.safe_load((project / "params.yaml").read_text(encoding="utf-8"))
    params["robustness"] |= {"messages": 6, "letters": 2}
    params["robustness"]["before"] |= {"learned": 100, "wanted": 30, "iterations": 10}
    (project / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
    run_stages(project, "robustness")
    figures = json.loads((project / "data/evaluation/robustness.json").read_text())
    assert set(figures["attacks"]) == {NONE, *ATTACKS}
    assert all({"fused", WITHOUT, WITH} <= set(found) for found in figures["attacks"].values())
    assert figures["copies"]["messages"] >= 100 and figures["copies"]["copies"] > 0
    assert figures["copies"]["wanted"] == 30
    assert "points lost, without disguised copies" in (project / "data/evaluation/robustness.md").read_text()
    assert (project / "data/evaluation/plots-robustness/copies.png").is_file()
