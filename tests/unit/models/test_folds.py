"""Folds: nothing alike on both sides, whether by campaign or by source."""

import numpy as np

from seg_ml.models.folds import out_of_source


def test_each_source_is_scored_by_the_others_where_they_hold_both_labels() -> None:
    sources = np.array(["a", "a", "b", "b", "c"])
    target = np.array([0, 1, 0, 1, 1])
    seen: list[tuple[list[int], list[int]]] = []

    def fit_and_score(fit: np.ndarray, held: np.ndarray) -> np.ndarray:
        seen.append((fit.tolist(), held.tolist()))
        return np.full((len(held), 1), float(len(fit)))

    scores = out_of_source(fit_and_score, target, sources, np.zeros((5, 1)))
    assert seen == [([2, 3, 4], [0, 1]), ([0, 1, 4], [2, 3]), ([0, 1, 2, 3], [4])]
    assert scores[:, 0].tolist() == [3, 3, 3, 3, 4]


def test_one_source_alone_is_judged_at_home() -> None:
    def nobody(fit: np.ndarray, held: np.ndarray) -> np.ndarray:
        raise AssertionError("there is nothing to learn from")

    home = np.array([[0.5], [0.7]])
    assert out_of_source(nobody, np.array([0, 1]), np.array(["a", "a"]), home).tolist() == home.tolist()
