"""The flattened trees say what scikit-learn's ensemble says."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from seg_ml.models.trees import TreeOptions, Trees, fit_trees

RNG = np.random.default_rng(5)
VECTORS = RNG.normal(size=(300, 6)).astype(np.float32).astype(np.float64)
OPTIONS = TreeOptions(iterations=25, copies=1, feature_share=1.0)


@pytest.mark.parametrize("classes", [2, 3])
def test_same_as_scikit_learn(classes: int, tmp_path: Path) -> None:
    labels = np.digitize(VECTORS[:, 0] * VECTORS[:, 1], np.linspace(-0.3, 0.3, classes - 1)).astype(np.intp)
    trees = fit_trees(VECTORS, labels, OPTIONS, seed=3)
    peer = HistGradientBoostingClassifier(
        max_iter=25, learning_rate=0.06, max_leaf_nodes=15, l2_regularization=1.0, max_features=1.0,
        early_stopping=False, random_state=3,
    ).fit(VECTORS, labels)  # fmt: skip
    expected = peer.decision_function(VECTORS).reshape(len(VECTORS), -1)
    assert np.allclose(trees.logits(VECTORS), expected, atol=1e-9)
    trees.save(tmp_path / "trees.safetensors")
    assert np.array_equal(Trees.load(tmp_path / "trees.safetensors").logits(VECTORS), trees.logits(VECTORS))


def test_copies_are_averaged() -> None:
    labels = (VECTORS[:, 0] > 0).astype(np.intp)
    one = [fit_trees(VECTORS, labels, TreeOptions(iterations=10, copies=1), seed=seed) for seed in (1, 2)]
    both = fit_trees(VECTORS, labels, TreeOptions(iterations=10, copies=2), seed=1)
    assert np.allclose(both.logits(VECTORS), (one[0].logits(VECTORS) + one[1].logits(VECTORS)) / 2)


@pytest.mark.parametrize("classes", [2, 3])
def test_a_row_alone_or_among_others_has_one_score_to_the_bit(classes: int) -> None:
    labels = np.digitize(VECTORS[:, 0] + VECTORS[:, 1] ** 2, np.arange(classes - 1)).astype(np.intp)
    trees = fit_trees(VECTORS, labels, TreeOptions(iterations=20, copies=2), seed=3)
    rows = RNG.normal(size=(600, VECTORS.shape[1]))
    rows[3, 1] = np.nan
    together = trees.logits(rows)
    assert together.shape == (600, trees.outputs)
    assert np.array_equal(together, np.array([walked(trees, row) for row in rows]))
    assert np.array_equal(together, np.vstack([trees.logits(row[None, :]) for row in rows]))
    assert np.array_equal(together[::2], trees.logits(rows[::2]))
    assert trees.logits(rows[:0]).shape == (0, trees.outputs)


def walked(trees: Trees, row: np.ndarray) -> np.ndarray:
    """The logits of one row, one tree after the other, one step after the other."""
    arrays, sums = trees.arrays, np.zeros(trees.outputs)
    for root, output in zip(arrays["roots"], arrays["output"], strict=True):
        node = root
        while arrays["left"][node] != node:
            goes_left = row[arrays["feature"][node]] <= arrays["threshold"][node]
            node = arrays["left" if goes_left else "right"][node]
        sums[output] += arrays["value"][node]
    return arrays["baseline"] + sums
