"""Gradient-boosted trees as plain arrays: grown by scikit-learn, walked by numpy, no pickle between them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

# Rows walked at once, and steps after which walks that ended are looked for.
_BLOCK = 512
_STEPS = 4


@dataclass(frozen=True)
class TreeOptions:
    """Settings of one ensemble; `copies` ensembles of different seeds are averaged."""

    iterations: int = 200
    learning_rate: float = 0.06
    leaves: int = 15
    l2: float = 1.0
    feature_share: float = 0.3
    copies: int = 3


class Trees:
    """An ensemble flattened into node arrays.

    `feature`, `threshold`, `left`, `right`, `value`: shape (nodes,); a leaf is its own child. `roots` and
    `output` (which logit a tree adds to): shape (trees,). `baseline`: shape (outputs,).
    """

    def __init__(self, arrays: dict[str, NDArray[Any]], depth: int) -> None:
        self.arrays = arrays
        self.depth = depth
        self.outputs = len(arrays["baseline"])

    def logits(self, vectors: NDArray[np.float64]) -> NDArray[np.float64]:
        """Shape (n, outputs) for vectors of shape (n, dim), each row on its own."""
        rows = np.ascontiguousarray(vectors, np.float64)
        if len(rows) == 1:
            return self._one(rows[0])[None, :]
        blocks = [self._block(rows[start : start + _BLOCK]) for start in range(0, len(rows), _BLOCK)]
        return np.concatenate([np.zeros((0, self.outputs)), *blocks])

    def _one(self, vector: NDArray[np.float64]) -> NDArray[np.float64]:
        arrays = self.arrays
        node = arrays["roots"]
        for _ in range(self.depth):
            goes_left = vector[arrays["feature"][node]] <= arrays["threshold"][node]
            node = np.where(goes_left, arrays["left"][node], arrays["right"][node])
        sums = np.bincount(arrays["output"], weights=arrays["value"][node], minlength=self.outputs)
        return np.asarray(arrays["baseline"] + sums)

    def _block(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """What `_one` says of each row, to the bit: the trees of a row are summed in the same order."""
        arrays, count = self.arrays, len(rows)
        ends = self._ends(rows)
        places = np.arange(count)[:, None] * self.outputs + arrays["output"]
        sums = np.bincount(places.ravel(), weights=arrays["value"][ends], minlength=count * self.outputs)
        return np.asarray(arrays["baseline"] + sums.reshape(count, self.outputs))

    def _ends(self, rows: NDArray[np.float64]) -> NDArray[np.intp]:
        """The leaf in which each row ends in each tree, shape (n * trees,); walks that ended are dropped on the way."""
        feature, threshold, left, right = (self.arrays[key] for key in ("feature", "threshold", "left", "right"))
        trees, cells = len(self.arrays["roots"]), rows.ravel()
        ends = np.tile(self.arrays["roots"], len(rows))
        walks, first = np.arange(len(ends)), np.repeat(np.arange(len(rows)) * rows.shape[1], trees)
        for start in range(0, self.depth, _STEPS):
            node = ends[walks]
            for _ in range(min(_STEPS, self.depth - start)):
                goes_left = cells.take(feature.take(node) + first) <= threshold.take(node)
                node = np.where(goes_left, left.take(node), right.take(node))
            ends[walks] = node
            going = np.flatnonzero(left.take(node) != node)
            walks, first = walks[going], first[going]
        return ends

    def save(self, path: Path) -> None:
        """Write one safetensors file."""
        save_file({**self.arrays, "depth": np.array([self.depth])}, path)

    @classmethod
    def load(cls, path: Path) -> Trees:
        """Read what `save` wrote."""
        arrays = load_file(path)
        return cls(arrays, int(arrays.pop("depth")[0]))


def fit_trees(
    vectors: NDArray[np.float64],
    labels: NDArray[np.intp],
    options: TreeOptions,
    seed: int,
    weights: NDArray[np.float64] | None = None,
    directions: NDArray[np.int8] | None = None,
) -> Trees:
    """Grow `options.copies` ensembles on vectors (n, dim), label indices and message weights, and average them.

    `directions` (dim,): 1 for a column with which the logit may only rise, -1 only fall, 0 either; two labels only.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    grown = [
        HistGradientBoostingClassifier(
            max_iter=options.iterations,
            learning_rate=options.learning_rate,
            max_leaf_nodes=options.leaves,
            l2_regularization=options.l2,
            max_features=options.feature_share,
            early_stopping=False,
            random_state=seed + copy,
            monotonic_cst=directions,
        ).fit(vectors, labels, sample_weight=weights)
        for copy in range(options.copies)
    ]
    return _flatten(grown)


def _flatten(grown: list[Any]) -> Trees:
    columns: dict[str, list[Any]] = {key: [] for key in ("feature", "threshold", "left", "right", "value")}
    roots, output, depth, share = [], [], 0, 1.0 / len(grown)
    for model in grown:
        for iteration in model._predictors:
            for index, tree in enumerate(iteration):
                base = sum(map(len, columns["value"]))
                roots.append(base)
                output.append(index)
                depth = max(depth, int(tree.nodes["depth"].max()))
                _append(columns, tree.nodes, base, share)
    arrays = {key: np.concatenate(values) for key, values in columns.items()}
    baseline = sum(np.ravel(model._baseline_prediction) for model in grown) * share
    arrays |= {"roots": np.array(roots), "output": np.array(output), "baseline": np.asarray(baseline, float)}
    return Trees(arrays, depth)


def _append(columns: dict[str, list[Any]], nodes: Any, base: int, share: float) -> None:
    leaf, own = nodes["is_leaf"].astype(bool), np.arange(len(nodes)) + base
    columns["feature"].append(nodes["feature_idx"].astype(np.int64) * ~leaf)
    columns["threshold"].append(np.where(leaf, 0.0, nodes["num_threshold"]).astype(np.float64))
    columns["left"].append(np.where(leaf, own, nodes["left"].astype(np.int64) + base))
    columns["right"].append(np.where(leaf, own, nodes["right"].astype(np.int64) + base))
    columns["value"].append(np.where(leaf, nodes["value"] * share, 0.0))
