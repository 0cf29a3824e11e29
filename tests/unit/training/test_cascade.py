"""The price of the cascade is measured, and decides whether it is used."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from seg_ml.artifact.manifest import Manifest
from seg_ml.domain.errors import ConfigError
from seg_ml.evaluation.prices import NOTHING, prices_markdown
from seg_ml.testing.project import run_stages
from seg_ml.training.cascade import cascade_options
from seg_ml.training.params import Params


def test_an_unknown_use_is_refused() -> None:
    with pytest.raises(ConfigError, match="always or never"):
        cascade_options(Params({"cascade": {"use": "sometimes"}}))


def fused_with(project: Path, folder: Path, **cascade: Any) -> Manifest:
    again = shutil.copytree(project, folder / "p", ignore=shutil.ignore_patterns("var", "artifact"))
    params = yaml.safe_load((again / "params.yaml").read_text())
    params["cascade"] |= cascade
    (again / "params.yaml").write_text(yaml.safe_dump(params))
    run_stages(again, "fusion")
    return Manifest.read(again / "data" / "artifact")


def test_a_loss_that_nothing_can_meet_leaves_it_out(trained_project: Path, tmp_path: Path) -> None:
    manifest = fused_with(trained_project, tmp_path, use="auto", loss=-1.0)
    assert manifest.cascade is None
    assert "early.safetensors" not in manifest.files
    assert not manifest.training["cascade_price"]["used"]
    assert "| no |" in prices_markdown(manifest)


def test_never_measures_nothing(trained_project: Path, tmp_path: Path) -> None:
    manifest = fused_with(trained_project, tmp_path, use="never")
    assert manifest.cascade is None
    assert "cascade_price" not in manifest.training


def test_what_was_measured_is_shown(trained_project: Path) -> None:
    manifest = Manifest.read(trained_project / "data" / "artifact")
    price = manifest.training["cascade_price"]
    assert 0 < price["settled"] <= 1
    assert set(price["recall_lost"]) == {"0.001", "0.005", "0.01"}
    assert manifest.cascade == {"wanted": price["wanted"], "unwanted": price["unwanted"]}
    table = prices_markdown(manifest)
    assert "`cascade`" in table
    assert "`export.precision`" in table
    card = next(trained_project.glob("var/models/*/*/card.md"), None)
    assert card is None or table in card.read_text()
    assert json.loads((trained_project / "data/artifact/calibration.json").read_text()).keys() >= {"early", "fused"}


def test_nothing_measured_is_said(trained_project: Path) -> None:
    manifest = Manifest.read(trained_project / "data" / "artifact")
    manifest.training.pop("cascade_price")
    manifest.training.pop("precision_parity")
    assert prices_markdown(manifest) == NOTHING
