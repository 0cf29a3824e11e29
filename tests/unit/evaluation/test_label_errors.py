"""Labels that were turned round are found, sound ones are left alone."""

import numpy as np
import pandas as pd

from seg_ml.evaluation.label_errors import confident_joint, label_errors, listed


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


def test_the_list_names_messages_of_each_corpus_and_the_surest_first() -> None:
    threat = np.r_[np.full(20, 0.1), np.full(20, 0.9)]
    label = np.where(threat > 0.5, "spam", "ham")
    label[3], label[25] = "spam", "ham"
    rows = pd.DataFrame({"threat": threat, "label": label, "kind": "any", "corpus": "one"})
    other = rows.assign(corpus="two")
    other.loc[[0, 3], "label"] = ["spam", "ham"]
    other.loc[0, "threat"] = 0.02
    table = pd.concat([rows, other], ignore_index=True).assign(sha256=lambda all_: [f"{n:064x}" for n in all_.index])
    found = listed(table)
    assert [int(name, 16) for name in found["sha256"]] == [40, 3, 25, 65]
    assert found.iloc[0][["corpus", "label", "looks", "probability"]].tolist() == ["two", "spam", "wanted", 0.98]


def test_a_corpus_of_one_side_is_judged_among_the_others() -> None:
    rows = pd.DataFrame({"threat": [0.1] * 20 + [0.9] * 21, "label": ["ham"] * 20 + ["spam"] * 20 + ["ham"]})
    rows = rows.assign(corpus=["a"] * 20 + ["b"] * 20 + ["a"], kind="any", sha256=[f"{n:064x}" for n in range(41)])
    assert [int(name, 16) for name in listed(rows[rows.index != 40])["sha256"]] == []
    assert [int(name, 16) for name in listed(rows.assign(corpus="a"))["sha256"]] == [40]
