"""Calibration and the conformal promise, part by part."""

import numpy as np
import pandas as pd

from seg_ml.evaluation.by_slice import calibration_markdown, ece_by_slice, promise_figures, promise_markdown
from seg_ml.evaluation.card import _measured_limits
from seg_ml.evaluation.report import evaluate
from seg_ml.evaluation.scores import of_model


def rows_of(n: int = 4000) -> pd.DataFrame:
    """Calibrated in English; in German unwanted twice as often as promised."""
    rng = np.random.default_rng(1)
    language = np.where(np.arange(n) % 2, "en", "de")
    threat = rng.random(n) * 0.5
    bad = rng.random(n) < np.where(language == "de", 2 * threat, threat)
    return pd.DataFrame({"threat": threat, "label": np.where(bad, "spam", "ham"), "language": language})


def test_the_miscalibrated_part_stands_above_chance() -> None:
    table = ece_by_slice(rows_of(), 50).set_index("value")
    assert table.index[0] == "de"
    assert table.loc["de", "ece"] > 0.2 > 0.05 > table.loc["en", "ece"]
    assert (table["by_chance"] < 0.03).all()
    assert "| language: de | 2,000 |" in calibration_markdown(table.reset_index())


def test_a_promise_is_checked_in_every_part() -> None:
    ham = pd.DataFrame({"threat": np.linspace(0, 0.5, 400), "label": "ham", "genre": "list"})
    strange = pd.DataFrame({"threat": 0.9, "label": "ham", "genre": ["personal"] * 30})
    found = promise_figures(ham, pd.concat([ham, strange], ignore_index=True), 0.01)
    assert found["broken"] == ["genre: personal"]
    assert found["false_positive_rate"] > 0.05
    assert "genre: personal | 30 | 100.00 %" in promise_markdown(found)
    assert any("genre: personal" in limit for limit in _measured_limits({"promise": found}, ("ham", "phishing")))


def test_the_promise_to_every_part_by_itself_holds_in_the_most_suspected_one() -> None:
    generator = np.random.default_rng(3)
    genre = np.repeat(["list", "bulk"], 1_000)

    def drawn() -> pd.DataFrame:
        scores = generator.random(2_000) * np.where(genre == "bulk", 0.9, 0.3)
        return pd.DataFrame({"threat": scores, "label": "ham", "genre": genre})

    found = promise_figures(drawn(), drawn(), 0.01)
    assert found["broken"] == ["genre: bulk"]
    assert found["everywhere"]["broken"] == [] and found["everywhere"]["threshold"] > found["threshold"]
    assert "Promised to every slice by itself" in promise_markdown(found)
    alone = promise_figures(drawn().drop(columns="genre"), drawn(), 0.01)
    assert alone["everywhere"] is None and "by itself" not in promise_markdown(alone)


def test_too_little_mail_for_a_promise_is_said() -> None:
    few = pd.DataFrame({"threat": [0.1] * 5, "label": "ham"})
    found = promise_figures(few, few, 0.01)
    assert found == {"promised": 0.01, "n": 5}
    assert "too few" in promise_markdown(found)


def test_the_report_holds_both_and_the_probe(scores: pd.DataFrame, params: dict[str, object]) -> None:
    report = evaluate(scores, params)
    judged = of_model(scores, "fused")
    assert report.figures["promise"]["promised"] == 0.05
    assert {row["by"] for row in report.figures["promise"]["slices"]} >= {"corpus", "language"}
    assert 0 <= report.figures["probe"]["decision"]["auc"] <= 1
    for words in ("Calibration in parts", "Promised on", "How well the corpus of wanted mail shows"):
        assert words in report.markdown
    assert len(judged) == report.figures["test_data"]["messages"]
