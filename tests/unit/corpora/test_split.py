import json
from pathlib import Path

import pandas as pd
import pytest

from seg_ml.corpora import split as module
from seg_ml.corpora.split import SPLITS, Shares, assign, read_splits, split
from seg_ml.domain.errors import CorpusError


def _frame(rows):
    frame = pd.DataFrame(rows, columns=["cluster", "corpus", "kind", "label", "date"])
    frame["date"] = pd.to_datetime(frame["date"], utc=True)
    return frame.assign(sha256=[f"{n:064x}" for n in range(len(frame))])


def _singles(count, label="ham", start="2002-01-01"):
    dates = pd.date_range(start, periods=count, freq="D")
    return [(f"{label}{n}", "one", f"{label}-1", label, date) for n, date in enumerate(dates)]


def _counts(sides):
    return {name: int((sides == name).sum()) for name in SPLITS}


def test_proportions_hold_in_every_stratum():
    frame = _frame(_singles(200) + _singles(40, "spam"))
    sides = assign(frame, Shares())
    assert _counts(sides[frame["label"] == "ham"]) == {"train": 110, "validation": 30, "test": 60}
    assert _counts(sides[frame["label"] == "spam"]) == {"train": 22, "validation": 6, "test": 12}


def test_cluster_stays_whole_across_corpora_and_labels():
    rows = [("big", "one", "a", "ham", None)] * 5 + [("big", "two", "b", "spam", None)] * 5
    frame = _frame(rows + _singles(50))
    assert assign(frame, Shares())[:10].nunique() == 1


def test_seed_fixes_the_split_and_another_seed_changes_it():
    frame = _frame(_singles(100))
    assert assign(frame, Shares(), seed=3).equals(assign(frame, Shares(), seed=3))
    assert not assign(frame, Shares(), seed=3).equals(assign(frame, Shares(), seed=4))


def test_order_of_rows_does_not_matter():
    frame = _frame(_singles(100))
    shuffled = frame.sample(frac=1, random_state=1)
    assert assign(shuffled, Shares()).sort_index().equals(assign(frame, Shares()))


def test_no_share_means_no_messages():
    assert _counts(assign(_frame(_singles(10)), Shares(test=0.5, validation=0.0)))["validation"] == 0


def test_latest_messages_are_held_out_per_corpus_and_label():
    frame = _frame(_singles(100) + _singles(100, "spam", "2020-01-01"))
    sides = assign(frame, Shares(), "time")
    for label in ("ham", "spam"):
        dates = frame["date"][frame["label"] == label].groupby(sides)
        assert _counts(sides[frame["label"] == label]) == {"train": 55, "validation": 15, "test": 30}
        assert dates.max()["train"] < dates.min()["validation"] <= dates.max()["validation"] < dates.min()["test"]


def test_cluster_goes_where_its_earliest_message_goes():
    rows = _singles(100)
    rows[99] = ("ham0", *rows[99][1:])
    sides = assign(_frame(rows), Shares(), "time")
    assert sides[99] == sides[0] == "train"


def test_messages_without_a_date_train():
    rows = [*_singles(10), ("undated", "one", "ham-1", "ham", None)]
    assert assign(_frame(rows), Shares(), "time")[10] == "train"


@pytest.mark.parametrize(("test", "validation"), [(0.6, 0.4), (-0.1, 0.1), (1.0, 0.0)])
def test_impossible_shares_raise(test, validation):
    with pytest.raises(CorpusError, match="must leave something to train"):
        Shares(test, validation)


def test_unknown_strategy_raises():
    with pytest.raises(CorpusError, match="known are: cluster, time"):
        assign(_frame(_singles(3)), Shares(), "random")


def test_files_hold_every_message_and_the_counts(tmp_path, monkeypatch):
    frame = _frame(_singles(20))
    monkeypatch.setattr(module, "read_prepared", lambda path: frame)
    counts = split(Path("any"), tmp_path / "splits.parquet")
    assert counts == {"train": {"one": {"ham": 11}}, "validation": {"one": {"ham": 3}}, "test": {"one": {"ham": 6}}}
    assert json.loads((tmp_path / "splits.json").read_text()) == counts
    written = read_splits(tmp_path / "splits.parquet")
    assert list(written.columns) == ["sha256", "split", "cluster"]
    assert written["sha256"].tolist() == frame["sha256"].tolist()


def test_missing_splits_say_what_to_do(tmp_path):
    with pytest.raises(CorpusError, match="split the prepared messages first"):
        read_splits(tmp_path / "splits.parquet")
