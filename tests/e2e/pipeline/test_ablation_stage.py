"""The stage `ablation` on the tiny project, and what it says of wrong parameters."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from seg_ml.evaluation.ablation import ALL, EVERY, WITHOUT_TEXT
from seg_ml.testing.project import run_stages


@pytest.fixture
def project(trained_project: Path, tmp_path: Path) -> Path:
    return shutil.copytree(trained_project, tmp_path / "p", ignore=shutil.ignore_patterns("var", "hidden"))


def change(project: Path, **values: object) -> None:
    params = yaml.safe_load((project / "params.yaml").read_text())
    params["ablation"] |= values
    (project / "params.yaml").write_text(yaml.safe_dump(params))


def test_parts_and_learning_curve(project: Path) -> None:
    change(project, iterations=10, resamples=50, shares=[0.4, 1.0])
    run_stages(project, "ablation")
    figures = json.loads((project / "data/evaluation/ablation.json").read_text())
    texts = {"text: linear models", "text: transformer", "text: both"}
    assert set(figures["parts"]) == {*texts, "signatures", "identity", WITHOUT_TEXT, ALL}
    assert figures["parts"][ALL][EVERY]["auc"] > 0.8
    fewer, more = figures["curve"]
    assert fewer["campaigns"] < more["campaigns"] and fewer["messages"] < more["messages"]
    assert more["models"][ALL] == figures["parts"][ALL]


@pytest.mark.parametrize(
    ("values", "words"),
    [({"shares": [0.5]}, "ablation.shares"), ({"identity_signatures": ["no-such"], "shares": [1.0]}, "no-such")],
)
def test_a_wrong_parameter_is_named(project: Path, values: dict[str, object], words: str) -> None:
    change(project, iterations=5, **values)
    with pytest.raises(AssertionError, match=words):
        run_stages(project, "ablation")
