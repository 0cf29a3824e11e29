"""Labels that were turned round are found, sound ones are left alone."""

import numpy as np

from seg_ml.evaluation.label_errors import confident_joint, confident_thresholds, label_errors


def test_turned_labels_are_found() -> None:
    threat = np.r_[np.full(20, 0.1), np.full(20, 0.9)]
    bad = threat > 0.5
    bad[3], bad[25] = True, False
    table = label_errors(threat, bad, [f"m{n}" for n in range(40)])
    assert set(table["message"]) == {"m3", "m25"}
    assert table.set_index("message").loc["m3", ["given", "looks"]].tolist() == ["unwanted", "wanted"]
    assert confident_joint(threat, bad).to_numpy().tolist() == [[19, 1], [1, 19]]


def test_sound_labels_are_left_alone() -> None:
    threat = np.array([0.1, 0.2, 0.3, 0.6, 0.8, 0.9])
    bad = threat > 0.5
    assert label_errors(threat, bad, range(6)).empty


def test_one_label_alone_suspects_nothing() -> None:
    assert confident_thresholds(np.array([0.2, 0.4]), np.array([False, False]))[1] == 1.0
    assert label_errors(np.array([0.2, 0.4]), np.array([False, False]), ["a", "b"]).empty
