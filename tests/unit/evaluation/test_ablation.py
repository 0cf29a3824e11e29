"""What parts are worth and what more mail would bring, as figures, tables and pictures."""

import json
from pathlib import Path

import pandas as pd
import pytest

from seg_ml.evaluation.ablation import ALL, EVERY, WITHOUT_TEXT, write_ablation
from seg_ml.evaluation.settings import EvaluationSettings, settings_from


@pytest.fixture
def settings(params: dict[str, object]) -> EvaluationSettings:
    return settings_from({**params, "resamples": 50})


def test_figures_of_each_part_and_share(scores: pd.DataFrame, settings: EvaluationSettings, tmp_path: Path) -> None:
    held = scores[scores["split"] == "test"]
    parts = held.assign(model=held["model"].map({"fused": ALL, "baseline": WITHOUT_TEXT}))
    curve = pd.concat(
        [parts.assign(share=part, campaigns=int(part * 100), messages=int(part * 200)) for part in (0.5, 1.0)]
    )
    figures = write_ablation(parts, curve, settings, tmp_path)
    assert set(figures["parts"]) == {ALL, WITHOUT_TEXT}
    assert set(figures["parts"][ALL]) == {"one", "two", EVERY}
    recall = figures["parts"][ALL][EVERY]["recall_at_0_5_percent"]
    assert recall["low"] <= recall["figure"] <= recall["high"]
    assert figures["parts"][ALL][EVERY]["auc"] > figures["parts"][WITHOUT_TEXT][EVERY]["auc"]
    assert [step["share"] for step in figures["curve"]] == [0.5, 1.0]
    assert json.loads((tmp_path / "ablation.json").read_text()) == figures
    page = (tmp_path / "ablation.md").read_text()
    assert "50 (50 %)" in page and WITHOUT_TEXT in page
    for name in ("parts", "learning-curve"):
        assert (tmp_path / "plots-ablation" / f"{name}.png").stat().st_size > 1_000
