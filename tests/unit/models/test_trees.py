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
