"""The README's tables are those of the figures that lie beside them."""

from pathlib import Path

import pandas as pd
import pytest

from seg_ml.domain.errors import ConfigError
from seg_ml.evaluation.report import evaluate
from seg_ml.evaluation.results import BEGIN, END, results_markdown, write_results
from seg_ml.evaluation.robustness import write_robustness

ROOT = Path(__file__).resolve().parents[3]


def test_the_readme_says_what_was_measured() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    between = text.partition(BEGIN)[2].partition(END)[0]
    assert between.strip() == results_markdown(ROOT / "data" / "evaluation").strip()


def test_only_what_stands_between_the_marks_changes(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"above\n{BEGIN}\nold\n{END}\nbelow\n")
    write_results(readme, ROOT / "data" / "evaluation")
    text = readme.read_text()
    assert text.startswith("above\n") and text.endswith(f"{END}\nbelow\n")
    assert "old\n" not in text and "**fused**" in text


def test_marks_and_figures_are_needed(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("nothing")
    with pytest.raises(ConfigError, match="must stand around"):
        write_results(readme, ROOT / "data" / "evaluation")
    with pytest.raises(ConfigError, match="does not exist"):
        results_markdown(tmp_path)


def test_parts_stand_in_the_readme_once_they_were_measured(scores, params, tmp_path: Path) -> None:
    report = evaluate(scores, params)
    report.write(tmp_path)
    text = results_markdown(tmp_path)
    language = report.figures["slices"]["language"]["de"]
    assert f"| language: de | {language['ham']} + {language['unwanted']} |" in text
    assert "At most 5.0 % of wanted mail flagged, conformal prediction promised:" in text
    assert f"told from the decision with AUC {report.figures['probe']['decision']['auc']:.2f}" in text


def test_what_is_measured_out_of_fold_stands_beside_the_test_split(scores, params, tmp_path: Path) -> None:
    report = evaluate(scores, params)
    report.write(tmp_path)
    found = report.figures["out_of_fold"]
    learned = scores[(scores["split"] == "validation") & (scores["model"] == "fused")]
    assert found["messages"] == len(learned) and set(found["corpora"]) == {"one", "two"}
    assert found["recall_at_1_percent"]["low"] <= found["recall_at_1_percent"]["figure"]
    assert f"| all together | {len(learned):,} |" in results_markdown(tmp_path)
    alone = evaluate(scores[scores["split"] == "test"], params)
    alone.write(tmp_path)
    assert alone.figures["out_of_fold"] == {} and "out of fold |" not in results_markdown(tmp_path)


def test_attacks_and_languages_stand_in_the_readme_once_they_were_measured(scores, params, tmp_path: Path) -> None:
    evaluate(scores, params).write(tmp_path)
    letters = pd.DataFrame(
        [
            {"letter": f"l{n}", "language": language, "sender": sender, "threat": 0.99 if n and sender == "a" else 0.0}
            for n in range(2)
            for language in ("en", "de")
            for sender in ("a", "b")
        ]
    )
    by_source = {"languages": {"never saw": letters}, "wordings": {"never saw": letters}}
    attacks = pd.DataFrame({"attack": ["none", "none", "mild", "mild"], "fused": [1.0] * 4, "baseline": [1.0] * 4})
    write_robustness(attacks, scores, ["fused", "baseline"], 0.01, tmp_path, letters=by_source)
    text = results_markdown(tmp_path)
    assert "looks at what is in doubt" not in text
    assert "More than 5 points are lost to: no attack." in text
    said = "of letters that the model never saw 100.0 % (34.2–100.0) of 2 from a, 100.0 % (34.2–100.0) of 2 from b."
    assert f"One letter in seven languages, sender and links kept, has one verdict in all: {said}" in text
    assert (
        f"one letter in seven English wordings, in which a detail may differ too, has one verdict in all: {said}"
        in text
    )


def test_contrary_verdicts_stand_beside_what_is_looked_at(scores, params, tmp_path: Path) -> None:
    evaluate(scores, params).write(tmp_path)
    letters = pd.DataFrame(
        [("one", "en", "a", 0.999), ("one", "de", "a", 0.0), ("two", "en", "a", 0.999), ("two", "de", "a", 0.999)],
        columns=["letter", "language", "sender", "threat"],
    )
    attacks = pd.DataFrame({"attack": ["none", "mild"], "fused": [1.0] * 2, "baseline": [1.0] * 2})
    by_source = {"languages": {"never saw": letters}}
    figures = write_robustness(attacks, scores, ["fused", "baseline"], 0.01, tmp_path, letters=by_source, missed=0.1)
    band = figures["band"]
    assert 0.0 <= band["low"] <= band["high"] <= 1.0
    assert band["unwanted delivered"] <= 0.1
    assert figures["languages"]["never saw"]["both"]["contrary"] == 0.5
    assert "held in another: of letters that the model never saw 50.0 % of 2." in results_markdown(tmp_path)
