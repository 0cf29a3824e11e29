"""The probe finds a collection that shows, and finds none where none shows."""

import math

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from seg_ml.evaluation.probe import probe, probe_table, token_counts

N = 240
GROUPS = np.repeat(["enron", "spamassassin"], N // 2)
CLUSTERS = np.arange(N) // 2


def noise(columns: int = 6) -> np.ndarray:
    return np.random.default_rng(3).normal(size=(N, columns))


def test_a_column_that_gives_the_corpus_away_is_found() -> None:
    telling = noise()
    telling[:, 0] += 6.0 * (GROUPS == "enron")
    found = probe(telling, GROUPS, CLUSTERS)
    assert found.auc > 0.99
    assert found.balanced_accuracy > 0.95
    assert found.chance == 0.5
    assert abs(found.shuffled_auc - 0.5) < 0.15
    assert (found.messages, found.groups, found.reason) == (N, 2, "")


def test_noise_tells_nothing() -> None:
    found = probe(noise(), GROUPS, CLUSTERS)
    assert abs(found.auc - 0.5) < 0.12


def test_a_campaign_learned_by_heart_is_no_knowledge_of_the_corpus() -> None:
    """A column per campaign says all about messages of known campaigns, and nothing about others."""
    by_heart = (CLUSTERS[:, None] == np.arange(CLUSTERS.max() + 1)).astype(float)
    assert probe(by_heart, GROUPS, CLUSTERS).auc < 0.6


@pytest.mark.parametrize("groups", [np.repeat("enron", N), np.where(np.arange(N) == 0, "lonely", "enron")])
def test_one_corpus_leaves_nothing_to_tell(groups: np.ndarray) -> None:
    found = probe(noise(), groups, CLUSTERS)
    assert math.isnan(found.auc)
    assert math.isnan(found.chance)
    assert "only one group" in found.reason


def test_a_table_of_dense_and_sparse() -> None:
    words = token_counts([["minutes", "agenda"] if name == "enron" else ["patch", "patch"] for name in GROUPS])
    assert words.shape == (N, 2**14)
    assert isinstance(words, csr_matrix) or hasattr(words, "tocsr")
    table = probe_table({"words": words, "noise": noise()}, GROUPS, CLUSTERS)
    assert table.loc["words", "auc"] == 1.0
    assert table.loc["noise", "auc"] < table.loc["words", "auc"]
    assert table["chance"].eq(0.5).all()


def test_three_corpora_are_told_one_from_the_rest() -> None:
    groups = np.repeat(["a", "b", "c"], N // 3)
    telling = np.eye(3)[np.repeat([0, 1, 2], N // 3)] * 5 + noise(3)
    found = probe(telling, groups, CLUSTERS)
    assert found.groups == 3
    assert found.chance == pytest.approx(1 / 3)
    assert found.auc > 0.98
