"""The linear model scores with a dictionary what scikit-learn fitted."""

from pathlib import Path

import numpy as np
import pytest

from seg_ml.models.linear import LinearOptions, LinearText, fit_linear
from seg_ml.testing.mail import synthetic_mail

DOCUMENTS = [synthetic_mail(label, n).decode().split() for n in range(40) for label in ("ham", "spam")]
LABELS = np.array([0, 1] * 40, np.intp)


@pytest.mark.parametrize("weighting", ["tfidf", "bayes"])
def test_learns_and_survives_a_round_trip(tmp_path: Path, weighting: str) -> None:
    model = fit_linear(DOCUMENTS[:60], LABELS[:60], LinearOptions(weighting, pairs=False), seed=1)
    logits = model.logits(DOCUMENTS[60:])
    assert logits.shape == (20, 1)
    assert ((logits[:, 0] > 0) == (LABELS[60:] == 1)).mean() >= 0.8
    model.save(tmp_path, "words")
    assert np.array_equal(LinearText.load(tmp_path, "words").logits(DOCUMENTS[60:]), logits)


def test_tfidf_agrees_with_scikit_learn() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    options = LinearOptions("tfidf", pairs=True, min_messages=2)
    model = fit_linear(DOCUMENTS, LABELS, options, seed=1)
    peer = TfidfVectorizer(analyzer=lambda tokens: tokens, min_df=2, sublinear_tf=True).fit(DOCUMENTS)
    assert set(model.vocabulary) == set(peer.vocabulary_)
    columns, values = model.row(DOCUMENTS[0])
    assert np.allclose(np.sort(values), np.sort(peer.transform(DOCUMENTS[:1]).data))
    assert len(columns) == peer.transform(DOCUMENTS[:1]).nnz


def test_a_message_alone_or_among_others_has_one_score() -> None:
    model = fit_linear(DOCUMENTS, LABELS, LinearOptions(), seed=1)
    together = model.logits(DOCUMENTS[:7])
    assert all(
        np.array_equal(model.logits([document])[0], row) for document, row in zip(DOCUMENTS[:7], together, strict=True)
    )


def test_unknown_words_leave_the_intercept() -> None:
    model = fit_linear(DOCUMENTS, LABELS, LinearOptions(), seed=1)
    assert np.allclose(model.logits([["nie-gesehen"], []]), model.intercept)


def test_contributions_add_up_to_the_logit() -> None:
    model = fit_linear(DOCUMENTS, LABELS, LinearOptions("bayes"), seed=1)
    words = sorted(set(DOCUMENTS[3]))
    assert np.isclose(
        sum(part for _, part in model.contributions(words)) + model.intercept[0], model.logits([words])[0, 0]
    )


def test_three_labels_give_three_logits() -> None:
    labels = np.arange(len(DOCUMENTS)) % 3
    assert fit_linear(DOCUMENTS, labels, LinearOptions(), seed=1).logits(DOCUMENTS[:2]).shape == (2, 3)
