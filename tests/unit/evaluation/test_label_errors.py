"""Labels that were turned round are found, sound ones are left alone."""

import numpy as np

from seg_ml.evaluation.label_errors import confident_joint, label_errors


def test_turned_labels_are_found() -> None:
    threat = np.r_[np.full(20, 0.1), np.full(20, 0.9)]
    bad = threat > 0.5
    bad[3], bad[25] = True, False
    table = label_errors(threat, bad, [f"m{n}" for n in range(40)])
    assert set(table["message"]) == {"m3", "m25"}
    assert table.set_index("message").loc["m3", ["given", "looks", "probability"]].tolist() == [
        "unwanted",
        "wanted",
        0.9,
    ]
    assert confident_joint(threat, bad).to_numpy().tolist() == [[19, 1], [1, 19]]


def test_the_surest_comes_first() -> None:
    threat = np.r_[np.full(30, 0.05), np.full(30, 0.95)]
    bad = threat > 0.5
    bad[[3, 40]], threat[3] = [True, False], 0.01
    assert label_errors(threat, bad, range(60))["message"].tolist() == [3, 40]


def test_sound_labels_are_left_alone() -> None:
    threat = np.array([0.1, 0.2, 0.3, 0.6, 0.8, 0.9])
    bad = threat > 0.5
    assert label_errors(threat, bad, range(6)).empty
    assert confident_joint(threat, bad).to_numpy().tolist() == [[3, 0], [0, 3]]


def test_one_label_alone_suspects_nothing() -> None:
    threat, bad = np.array([0.2, 0.4]), np.array([False, False])
    assert label_errors(threat, bad, ["a", "b"]).empty
    assert confident_joint(threat, bad).to_numpy().tolist() == [[2, 0], [0, 0]]
