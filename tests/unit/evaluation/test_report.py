import json

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from seg_ml.domain.errors import ConfigError
from seg_ml.evaluation import plot_data, plots
from seg_ml.evaluation.compare import comparison, slice_differences
from seg_ml.evaluation.figures import key_of, rounded
from seg_ml.evaluation.metrics import at_rate
from seg_ml.evaluation.report import evaluate
from seg_ml.evaluation.scores import of_model, threat, unwanted

PICTURES = {"precision_recall", "roc", "reliability", "confusion", "scores", "slices"}


@pytest.fixture(scope="module")
def report(scores, params):
    return evaluate(scores, params)


def test_figures_are_those_of_the_metrics(report, scores):
    rows = of_model(scores, "fused")
    point = at_rate(unwanted(rows), threat(rows), 0.005)
    found = report.figures["recall_at_0_5_percent"]
    assert found["figure"] == round(point.recall, 4) and found["threshold"] == point.threshold
    assert found["low"] < found["figure"] < found["high"]
    assert report.figures["models"]["fused"]["recall_at_0_5_percent"] == found["figure"]
    assert report.figures["auc"]["low"] <= report.figures["auc"]["figure"] <= report.figures["auc"]["high"]
    assert report.figures["test_data"]["labels"] == rows["label"].value_counts().to_dict()
    assert 10 < report.figures["latency_ms"]["p50"] < report.figures["latency_ms"]["p95"] < 40


def test_threshold_of_validation_is_carried_to_the_test(report, scores):
    validation = of_model(scores, "fused", "validation")
    carried = report.figures["recall_at_1_percent"]["threshold_of_validation"]
    assert carried["threshold"] == at_rate(unwanted(validation), threat(validation), 0.01).threshold
    assert 0 <= carried["false_positive_rate"] < 0.05


def test_same_scores_same_figures_in_any_order(report, scores, params):
    again = evaluate(scores.sample(frac=1, random_state=3), params)
    assert again.figures["slices"] == report.figures["slices"]
    assert again.figures["test_data"] == report.figures["test_data"]


def test_report_is_written_as_files_that_dvc_reads(report, tmp_path, scores, params):
    report.write(tmp_path)
    assert json.loads((tmp_path / "metrics.json").read_text()) == report.figures
    names = {path.name for path in (tmp_path / "plots").iterdir()}
    assert names == {f"{name}.png" for name in PICTURES} | {f"{name}.csv" for name in report.tables}
    curves = pd.read_csv(tmp_path / "plots" / "curves.csv")
    assert set(curves["model"]) == {"baseline", "fused"} and curves["recall"].between(0, 1).all()
    first = {path.name: path.read_bytes() for path in (tmp_path / "plots").iterdir()}
    evaluate(scores, params).write(tmp_path)
    assert first == {path.name: path.read_bytes() for path in (tmp_path / "plots").iterdir()}


def test_markdown_names_every_model_and_slice(report):
    assert "| **fused** |" in report.markdown and "| baseline |" in report.markdown
    assert "recall at 0.5 % FP" in report.markdown and "language: unknown" in report.markdown


def test_pictures_have_labelled_axes(report):
    assert set(report.plots) == PICTURES
    for name, figure in report.plots.items():
        assert all(axes.get_xlabel() for axes in figure.axes[-1:]), name
        assert figure.axes[0].get_ylabel() or name == "slices"


def test_champion_in_the_table_gets_its_own_figures(scores, params):
    champion = scores[scores["model"] == "baseline"].assign(model="champion")
    figures = evaluate(pd.concat([scores, champion]), params).figures
    assert figures["champion"]["test_data"]["sha256"] == figures["test_data"]["sha256"]
    assert set(figures["champion"]["slices"]) == set(figures["slices"])


def test_a_model_that_cheats_nobody_falls_behind_nowhere(scores):
    same = pd.concat([scores, scores[scores["model"] == "fused"].assign(model="twin")])
    table = slice_differences(same, "twin", "fused", 0.005, resamples=50)
    assert (table["gain"] == 0).all() and not table["worse"].any() and not table["certain"].any()


def test_a_better_model_gains_and_a_worse_one_is_called_worse(scores):
    better = slice_differences(scores, "fused", "baseline", 0.01, margin=0.05, resamples=200)
    overall = better[(better["by"] == "overall") & (better["measure"] == "recall")].iloc[0]
    assert overall["gain"] > 0.2 and overall["low"] > 0 and overall["certain"] and not overall["worse"]
    worse = slice_differences(scores, "baseline", "fused", 0.01, margin=0.05, resamples=200)
    assert worse.loc[(worse["by"] == "overall") & (worse["measure"] == "recall"), "worse"].all()
    assert not worse.loc[worse["small"], "worse"].any()


def test_comparison_has_a_row_a_model(scores):
    table = comparison(scores)
    assert list(table.index) == ["baseline", "fused"] and len(table.columns) == 8
    assert table.loc["fused", "recall at 0.5 %"] > table.loc["baseline", "recall at 0.5 %"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"rate": 0.02}, "evaluation.rates"),
        ({"rates": []}, "evaluation.rates"),
        ({"bootstraps": 3}, "bootstraps is unknown"),
        ({"seed": None}, "seed is missing"),
    ],
)
def test_wrong_settings_are_named(scores, params, change, says):
    changed = {key: value for key, value in {**params, **change}.items() if value is not None}
    with pytest.raises(ConfigError, match=says):
        evaluate(scores, changed)


def test_rounding_leaves_json_and_thresholds():
    value = {"a": np.float64(0.123456), "b": float("nan"), "n": np.int64(3), "threshold": 0.99999999, "s": [True, "x"]}
    assert rounded(value) == {"a": 0.1235, "b": None, "n": 3, "threshold": 0.99999999, "s": [True, "x"]}
    assert [key_of(rate) for rate in (0.001, 0.005, 0.01)] == [
        "recall_at_0_1_percent",
        "recall_at_0_5_percent",
        "recall_at_1_percent",
    ]


def test_models_without_label_probabilities_have_a_confusion_matrix_too(scores):
    rows = of_model(scores, "fused").drop(columns=["p_ham", "p_spam"])
    table = plot_data.confusion(rows)
    assert table.to_numpy().sum() == len(rows) and list(table.index) == ["ham", "spam"]
    assert plots.confusion_matrix(rows).axes[0].texts


def test_long_curves_are_thinned_where_nobody_looks():
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"sha256": [f"{i:064x}" for i in range(5000)], "split": "test", "model": "m"})
    rows = rows.assign(label=rng.choice(["ham", "spam"], 5000), threat=rng.random(5000))
    points = plot_data.curve_points(rows)
    assert len(points) <= plot_data.POINTS and points["recall"].is_monotonic_increasing
    assert points["recall"].iloc[-1] == 1 and (points["threshold"].iloc[:5].diff().abs().iloc[1:] < 0.01).all()


def test_pyplot_keeps_none_of_the_pictures(report):
    assert report.plots and not plt.get_fignums()
