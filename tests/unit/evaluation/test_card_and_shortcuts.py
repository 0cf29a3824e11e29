import numpy as np
import pandas as pd
import pytest

from seg_ml.artifact.manifest import Manifest
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


def _manifest(**changes):
    training = {
        "corpora": ["spamassassin", "phishing-pot", "inbox"],
        "labels": {"ham": 1200, "spam": 300},
        "messages": 1500,
        "git_commit": "c" * 40,
        "data_sha256": "d" * 64,
        "params": {"seed": 7},
    }
    fields = {
        "labels": ("ham", "spam"),
        "absent_labels": ("phishing",),
        "signatures": (("hidden-text", 2),),
        "features": (("identity", 1),),
        "linear": (),
        "subwords": {},
        "precision": "int8",
        "shippable": False,
        "training": training,
    }
    return Manifest(**{**fields, **changes})


@pytest.fixture
def card(report):
    return model_card(_manifest(), report.figures, report.markdown, {"dvc.lock": "e" * 64})


@pytest.fixture(scope="module")
def report(scores, params):
    return evaluate(scores, params)


def test_card_says_where_from_and_what_for(card):
    for heading in ("Data", "Classes", "Figures", "Intended use", "Not good for", "Made of", "Lineage", "Parameters"):
        assert f"\n## {heading}\n" in card
    for words in ("| CC0-1.0, PDDL-1.0 | yes |", "1,500 messages were learned from: 1,200 ham, 300 spam", "seed: 7"):
        assert words in card
    for words in (f"| git_commit | `{'c' * 40}` |", f"| dvc.lock | `{'e' * 64}` |", "hidden-text 2", "int8"):
        assert words in card


def test_card_forbids_shipping_what_learned_from_research_corpora_or_own_mail(card, report):
    assert "| inbox | – | mail of its owner | no |" in card
    assert "**Not to be shipped**: phishing-pot, inbox" in card
    free = _manifest(shippable=True, training={"corpora": ["spamassassin"], "labels": {}, "messages": 0})
    assert "Not to be shipped" not in model_card(free, report.figures, report.markdown)


def test_card_owns_up_to_what_is_absent(card):
    assert "**Absent**, for want of data: bulk, phishing, fraud, malware" in card
    assert "- Phishing, which it never learned" in card


def test_card_has_figures_with_intervals_and_slices(card, report):
    recall = report.figures["recall_at_0_5_percent"]
    figure, low, high = (recall[key] for key in ("figure", "low", "high"))
    assert f"| recall at 0.5 % false positives | {figure:.4f} | {low:.4f}–{high:.4f} |" in card
    assert "the same, threshold chosen on validation" in card
    assert report.markdown.strip() in card
