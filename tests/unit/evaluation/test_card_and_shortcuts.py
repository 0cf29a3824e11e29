import numpy as np
import pandas as pd
import pytest

from seg_ml.domain.errors import ConfigError
from seg_ml.evaluation.card import model_card
from seg_ml.evaluation.metrics import auc
from seg_ml.evaluation.report import evaluate
from seg_ml.evaluation.scores import checked, of_model, threat, unwanted
from seg_ml.evaluation.shortcuts import HEADER_NAMES, YEAR, shortcut_scores


def _prepared(n=300):
    """Spam is of 2003 and bears X-Mailer, ham is of 2002; a tenth is the other way round, some have no year."""
    rng = np.random.default_rng(2)
    bad = rng.random(n) < 0.4
    seen = bad ^ (rng.random(n) < 0.1)
    years = pd.Series(np.where(seen, 2003, 2002), dtype="Int16").mask(rng.random(n) < 0.05)
    messages = pd.DataFrame(
        {
            "sha256": [f"{number:064x}" for number in range(n)],
            "corpus": "one",
            "kind": "any",
            "label": np.where(bad, "spam", "ham"),
            "cluster": [f"{number:016x}" for number in range(n)],
            "language": "en",
            "year": years,
            "size": 100,
            "raw": [b"From: a@b.example\r\n" + b"X-Mailer: z\r\n" * int(flag) + b"\r\nHi\r\n" for flag in seen],
        }
    )
    sides = pd.DataFrame({"sha256": messages["sha256"], "split": rng.choice(["train", "validation", "test"], n)})
    return messages, sides


def test_shortcuts_score_like_any_model_and_see_what_leaks():
    scores = checked(shortcut_scores(*_prepared()))
    assert set(scores["split"]) == {"validation", "test"} and set(scores["model"]) == {YEAR, HEADER_NAMES}
    for model in (YEAR, HEADER_NAMES):
        rows = of_model(scores, model)
        assert 0.8 < auc(unwanted(rows), threat(rows)) < 0.97


def test_shortcuts_without_a_leak_see_nothing():
    messages, sides = _prepared()
    scores = shortcut_scores(messages.assign(year=pd.NA, raw=b"From: a@b.example\r\n\r\n"), sides)
    for model in (YEAR, HEADER_NAMES):
        rows = of_model(scores, model)
        assert auc(unwanted(rows), threat(rows)) == 0.5


def test_years_that_training_never_saw_get_the_prior():
    messages, sides = _prepared()
    messages["year"] = messages["year"].mask(sides["split"] == "test", 2020)
    scores = shortcut_scores(messages, sides)
    train = messages["label"][sides["split"] == "train"]
    assert of_model(scores, YEAR)["threat"].unique() == pytest.approx([(train == "spam").mean()])


def test_one_class_alone_trains_nothing():
    messages, sides = _prepared()
    with pytest.raises(ConfigError, match="one class only"):
        shortcut_scores(messages.assign(label="ham"), sides)


@pytest.fixture
def card(scores, params):
    messages = pd.DataFrame(
        {"corpus": ["spamassassin"] * 3 + ["phishing-pot", "inbox"], "label": ["ham"] * 4 + ["spam"]}
    )
    figures = evaluate(scores, params).figures
    return model_card(figures, messages, ["ham", "spam"], {"git commit": "c" * 40}, {"seed": 7})


def test_card_says_where_from_and_what_for(card):
    for heading in ("Data", "Classes", "Figures", "Slices", "Intended use", "Not good for", "Lineage", "Parameters"):
        assert f"\n## {heading}\n" in card
    assert "| spamassassin | ham | 3 | CC0-1.0, PDDL-1.0 | yes |" in card
    assert "| inbox | spam | 1 | mail of its owner | no |" in card
    assert "**Not to be shipped**: it learned from inbox, phishing-pot" in card
    assert "| git commit | `cccc" in card and "seed: 7" in card


def test_card_owns_up_to_what_is_absent(card):
    assert "**Absent**, for want of data: bulk, phishing, fraud, malware" in card
    assert "- Phishing, which it never learned" in card


def test_card_has_figures_with_intervals(card, scores, params):
    recall = evaluate(scores, params).figures["recall_at_0_5_percent"]
    expected = f"| 0.5 % | {recall['figure'] * 100:.1f} % ({recall['low'] * 100:.1f}–{recall['high'] * 100:.1f}) |"
    assert expected in card
    assert "| language: unknown (small) |" in card or "| language: unknown |" in card
