"""Which messages an experiment learns from and which it judges."""

import numpy as np
import pandas as pd
import pytest

from seg_ml.domain.errors import ConfigError
from seg_ml.training.unseen.experiments import forward_in_time, learned_from, leave_one_out


@pytest.fixture(name="frame")
def made() -> pd.DataFrame:
    """Two corpora of both kinds, one of phishing only, one of made mail; a campaign that crosses two of them."""
    generator = np.random.default_rng(3)
    rows = []
    for corpus, labels, years in (
        ("old", ["ham", "spam"], (2002, 2003)),
        ("middle", ["ham", "spam"], (2007, 2008)),
        ("phish", ["phishing"], (2022, 2026)),
        ("modern", ["ham", "phishing"], (2019, 2026)),
    ):
        for number in range(60):
            rows.append(
                {
                    "sha256": f"{corpus}{number:03d}",
                    "corpus": corpus,
                    "label": labels[number % len(labels)],
                    "year": int(generator.integers(*years)),
                    "split": ["train", "train", "validation", "test"][number // 2 % 4],
                    "cluster": f"{corpus}{number}",
                    "disguise": "",
                }
            )
    frame = pd.DataFrame(rows).astype({"year": "Int64"})
    frame.loc[[0, 60], "cluster"] = "campaign"
    return frame


def test_nothing_of_a_corpus_left_out_is_learned(frame: pd.DataFrame) -> None:
    for experiment in leave_one_out(frame, ["old", "middle", "phish"]):
        name = experiment.name.removeprefix("without ")
        assert name not in set(frame.loc[experiment.train, "corpus"])
        assert set(frame.index[frame["corpus"] == name]) <= set(experiment.test)
        assert not set(experiment.train) & set(experiment.test)
        assert not set(frame.loc[experiment.train, "cluster"]) & set(frame.loc[experiment.test, "cluster"])


def test_a_corpus_of_one_kind_is_judged_beside_held_out_collected_mail(frame: pd.DataFrame) -> None:
    (experiment,) = leave_one_out(frame, ["phish"])
    beside = frame.loc[experiment.test].query("corpus != 'phish'")
    assert set(beside["corpus"]) == {"old", "middle"}
    assert set(beside["label"]) == {"ham"} and set(beside["split"]) == {"test"}


def test_later_mail_is_judged_by_what_came_before(frame: pd.DataFrame) -> None:
    experiment = forward_in_time(frame, 2024)
    learned = frame.loc[experiment.train]
    assert learned.query("corpus != 'modern'")["year"].max() < 2024
    assert "test" not in set(learned["split"])
    judged = frame.loc[experiment.test]
    assert set(judged.query("year < 2024")["label"]) == {"ham"}
    assert "phish" in set(judged["corpus"]) and "modern" in set(judged["corpus"])


def test_what_is_shipped_is_judged_on_all_collected_mail_that_it_did_not_learn_from(frame: pd.DataFrame) -> None:
    experiment = learned_from(frame, ["old", "modern"])
    assert experiment.name == "learned from old and modern alone"
    assert set(frame.loc[experiment.train, "corpus"]) == {"old", "modern"}
    assert set(frame.loc[experiment.test, "corpus"]) == {"middle", "phish"}
    assert "campaign" not in set(frame.loc[experiment.train, "cluster"])
    assert not len(learned_from(frame, ["old", "middle", "phish", "modern"]).test)


def test_an_unknown_corpus_is_named(frame: pd.DataFrame) -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        list(leave_one_out(frame, ["nowhere"]))


def test_a_bound_draws_from_what_may_be_learned(frame: pd.DataFrame) -> None:
    (whole,) = leave_one_out(frame, ["old"])
    some = whole.bounded(50, np.random.default_rng(3))
    assert len(some.train) == 50 and set(some.train) < set(whole.train)
    assert (some.test == whole.test).all()
    assert (whole.bounded(10_000, np.random.default_rng(3)).train == whole.train).all()


def test_disguised_copies_are_learned_from_and_never_judged(frame: pd.DataFrame) -> None:
    frame.loc[frame.index % 3 == 0, "disguise"] = "conversation"
    for experiment in [*leave_one_out(frame, ["old", "phish"]), forward_in_time(frame, 2024)]:
        assert set(frame.loc[experiment.test, "disguise"]) == {""}
        assert "conversation" in set(frame.loc[experiment.train, "disguise"])
