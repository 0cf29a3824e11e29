"""Folds: nothing alike on both sides, and whole corpora where there are enough."""

import numpy as np
import pytest

from seg_ml.models.folds import cluster_folds, corpus_folds, out_of_fold

LABELS = np.array([0, 1] * 6 + [1] * 4 + [0] * 4)
CORPORA = np.array(["a"] * 6 + ["b"] * 6 + ["phish"] * 4 + ["ham"] * 4)
CLUSTERS = np.array([f"c{number}" for number in range(20)])


def test_each_corpus_with_both_labels_is_held_out_by_itself_and_the_others_together() -> None:
    pairs = corpus_folds(LABELS, CORPORA, CLUSTERS, 2, 1)
    assert [sorted(set(CORPORA[held])) for _, held in pairs] == [["a"], ["b"], ["ham", "phish"]]
    assert sorted(np.concatenate([held for _, held in pairs])) == list(range(20))
    for fit, held in pairs:
        assert not set(CORPORA[fit]) & set(CORPORA[held])
        assert set(LABELS[fit]) == {0, 1}


def test_a_campaign_that_reaches_into_another_corpus_is_not_fitted_to() -> None:
    clusters = CLUSTERS.copy()
    clusters[[1, 8, 13]] = "everywhere"
    for fit, held in corpus_folds(LABELS, CORPORA, clusters, 2, 1):
        assert not set(clusters[fit]) & set(clusters[held])


@pytest.mark.parametrize(
    "corpora",
    [
        np.array(["only"] * 20),
        np.where(LABELS == 1, "phish", "ham"),
        np.array(["a"] * 12 + ["phish"] * 8),  # to hold out `a` would leave nothing wanted to learn from
        np.array(["a"] * 6 + ["b"] * 14),  # to hold out either would leave the other alone
    ],
)
def test_campaigns_are_held_out_where_corpora_cannot_be(corpora: np.ndarray) -> None:
    labels = np.where(corpora == "phish", 1, LABELS)
    pairs = corpus_folds(labels, corpora, CLUSTERS, 2, 1)
    expected = cluster_folds(labels, CLUSTERS, 2, 1)
    assert all(
        np.array_equal(one, other)
        for pair in zip(pairs, expected, strict=True)
        for one, other in zip(*pair, strict=True)
    )


def test_every_message_is_judged_once() -> None:
    pairs = corpus_folds(LABELS, CORPORA, CLUSTERS, 2, 1)
    scores = out_of_fold(lambda fit, held: held[:, None].astype(float), pairs, 20)
    assert scores[:, 0].tolist() == list(range(20))
