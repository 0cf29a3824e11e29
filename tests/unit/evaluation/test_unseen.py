"""Figures on mail unlike what was learned from."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from seg_ml.evaluation.unseen import LEARNED, MODELS, unseen_figures, write_unseen


@pytest.fixture(name="scores")
def made() -> pd.DataFrame:
    """Two experiments; the fused model separates, the others less; learned-from scores are like the judged ones."""
    generator, parts = np.random.default_rng(1), []
    for experiment in ("without here", "mail of 2024 and later"):
        for model, sharpness in zip((*MODELS, LEARNED), (6.0, 2.0, 1.0, 2.0, 0.5, 0.5, 6.0), strict=True):
            bad = np.arange(400) % 2 == 1
            logits = sharpness * (bad - 0.5) + generator.normal(size=400)
            parts.append(
                pd.DataFrame(
                    {
                        "experiment": experiment,
                        "model": model,
                        "sha256": [f"{number:04d}" for number in range(400)],
                        "corpus": np.where(np.arange(400) % 4 == 0, "modern", "here"),
                        "kind": np.where(np.arange(400) % 4 == 0, "transactional", "list"),
                        "label": np.where(bad, "phishing", "ham"),
                        "cluster": [f"{number // 2}" for number in range(400)],
                        "threat": 1 / (1 + np.exp(-logits)),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def test_what_is_counted(scores: pd.DataFrame) -> None:
    figures = unseen_figures(scores, resamples=100, seed=0)
    fused = figures["experiments"]["without here"]["fused"]
    assert fused["wanted"] == fused["unwanted"] == 200
    assert fused["auc"] > 0.99
    assert fused["recall_1.0_low"] <= fused["recall_1.0"] <= fused["recall_1.0_high"]
    assert fused["notices"] == 100
    assert 0 <= fused["notices_flagged"] < 0.1 and 0 <= fused["notices_flagged_collected"] < 0.1
    assert fused["recall_collected"] > 0.9
    assert fused["bound"] < 0.05
    assert figures["means"]["fused"]["auc"] == fused["auc"]


def test_corpora_of_an_experiment_at_one_threshold(scores: pd.DataFrame) -> None:
    corpora = unseen_figures(scores, resamples=10, seed=0)["experiments"]["without here"]["fused"]["corpora"]
    assert corpora["modern"]["wanted"] == 100 and corpora["modern"]["recall"] is None
    assert (corpora["here"]["wanted"], corpora["here"]["unwanted"]) == (100, 200)
    assert corpora["here"]["recall"] > 0.9 > 0.05 > corpora["here"]["false_positive_rate"]


def test_files_and_that_a_second_run_writes_the_same(scores: pd.DataFrame, tmp_path: Path) -> None:
    write_unseen(scores, {"resamples": 50, "seed": 0}, tmp_path)
    first = (tmp_path / "unseen.md").read_text()
    assert json.loads((tmp_path / "unseen.json").read_text())["means"]["fused"]
    assert (tmp_path / "plots-unseen" / "unseen.png").stat().st_size > 1_000
    write_unseen(scores, {"resamples": 50, "seed": 0}, tmp_path)
    assert (tmp_path / "unseen.md").read_text() == first
    assert "mean over corpora left out" in first and "**fused**" in first
    assert "corpus by corpus" in first
