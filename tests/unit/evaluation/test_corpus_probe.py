"""A decision that grades wanted mail by its collection is found out; one that does not is not accused."""

import numpy as np
import pandas as pd
import pytest

from seg_ml.evaluation.corpus_probe import probe_figures, probe_markdown
from seg_ml.evaluation.genres import genre


def table(shift: float, shift_of_parts: float = 0.0, n: int = 600) -> pd.DataFrame:
    """Scores of two models over two corpora; wanted mail of corpus `b` lies `shift` higher in log-odds."""
    rng = np.random.default_rng(5)
    corpus = np.where(np.arange(n) % 2, "a", "b")
    label = np.where(np.arange(n) % 3 == 0, "spam", "ham")
    about = pd.DataFrame(
        {
            "sha256": [f"{i:064x}" for i in range(n)],
            "split": "test",
            "corpus": corpus,
            "kind": "any",
            "label": label,
            "cluster": [f"c{i // 2 * 2 + i % 2}" for i in range(n)],
            "genre": np.where(np.arange(n) % 4 < 2, "list", "personal"),
        }
    )
    base = rng.normal(-2, 1, n) + 5 * (label == "spam")
    parts = []
    for model, by in (("fused", shift), ("baseline", shift_of_parts)):
        odds = base + rng.normal(0, 0.3, n) + by * (corpus == "b")
        parts.append(about.assign(model=model, threat=1 / (1 + np.exp(-odds))))
    return pd.concat(parts, ignore_index=True)


def test_mail_judged_alike_tells_nothing() -> None:
    found = probe_figures(table(0.0), "fused")["decision"]
    assert abs(found["auc"] - 0.5) < 0.1
    assert set(found["genres"]) == {"list", "personal"}
    assert found["messages"] == 400


@pytest.mark.parametrize("shifts", [(4.0, 0.0), (0.0, 4.0)])
def test_a_shift_of_the_model_or_of_a_part_is_found(shifts: tuple[float, float]) -> None:
    assert probe_figures(table(*shifts), "fused")["decision"]["auc"] > 0.95


def test_what_no_threshold_reaches_does_not_count() -> None:
    low = table(0.0)
    low = low[low["label"] == "ham"]
    far = low.assign(threat=np.where(low["corpus"] == "b", 1e-4, 1e-9))
    assert probe_figures(far, "fused")["decision"]["auc"] == 0.5


def test_corpora_of_different_genres_are_not_held_against_each_other() -> None:
    apart = table(4.0).assign(genre=lambda rows: np.where(rows["corpus"] == "a", "list", "personal"))
    found = probe_figures(apart, "fused")["decision"]
    assert found["auc"] is None and "two corpora" in found["reason"]
    assert "not measured" in probe_markdown({"decision": found})


def test_a_representation_is_reported_beside_the_decision() -> None:
    scores = table(0.0)
    scores["representation"] = [np.array([float(corpus == "a"), 1.0]) for corpus in scores["corpus"]]
    found = probe_figures(scores, "fused")
    assert found["representation"]["auc"] > 0.99 > 0.6 > found["decision"]["auc"]
    assert "| representation | **all** |" in probe_markdown(found)


LIST_MAIL = b"From: a@b.example\nSubject: [users] Re: build fails\nSender: users-admin@lists.example\n\nHi\n"


@pytest.mark.parametrize(
    ("raw", "corpus", "kind", "label", "expected"),
    [
        (b"", "modern", "twin-phishing", "phishing", "transactional"),
        (b"", "modern", "fraud-bec", "fraud", "personal"),
        (b"", "modern", "newsletter", "bulk", "bulk"),
        (LIST_MAIL, "spamassassin", "easy-ham-1", "ham", "list"),
        (LIST_MAIL, "own", "ham", "ham", "list"),
        (b"From: a@b.example\nSubject: lunch\n\nAt noon?\n", "enron", "ham", "ham", "personal"),
        (
            b"From: Shop <no-reply@b.example>\nSubject: order\n\nIt is on its way.\n",
            "own",
            "ham",
            "ham",
            "transactional",
        ),
        (b"From: a@b.example\n\nNews!\nClick here to unsubscribe.\n", "own", "ham", "ham", "bulk"),
        (b"From: a@b.example\n\nBuy!\n", "trec07p", "spam", "spam", "bulk"),
    ],
)
def test_mail_is_sorted_by_what_it_presents_itself_as(
    raw: bytes, corpus: str, kind: str, label: str, expected: str
) -> None:
    assert genre(raw, corpus, kind, label) == expected
