"""Whatever the corpora look like: nothing is on two sides, and proportions hold as far as clusters allow."""

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from seg_ml.corpora.split import SPLITS, STRATUM, Shares, assign

ROWS = st.lists(
    st.tuples(
        st.integers(0, 30).map(lambda n: f"c{n}"),
        st.sampled_from(["one", "two"]),
        st.sampled_from(["ham", "spam"]),
        st.none() | st.integers(0, 5000),
    ),
    min_size=1,
    max_size=120,
)
SHARES = st.builds(Shares, test=st.sampled_from([0.0, 0.2, 0.3]), validation=st.sampled_from([0.0, 0.15, 0.4]))


def _frame(rows):
    frame = pd.DataFrame(rows, columns=["cluster", "corpus", "label", "day"])
    days = pd.to_timedelta(frame["day"].astype("float"), unit="D")
    return frame.assign(kind=frame["label"], date=pd.Timestamp("2000-01-01", tz="UTC") + days)


@given(ROWS, SHARES, st.sampled_from(["cluster", "time"]), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_every_message_has_one_side_and_every_cluster_too(rows, shares, strategy, seed):
    frame = _frame(rows)
    sides = assign(frame, shares, strategy, seed)
    assert set(sides) <= set(SPLITS)
    assert (sides.groupby(frame["cluster"]).nunique() == 1).all()
    assert sides.equals(assign(frame, shares, strategy, seed))
    for name, share in zip(SPLITS, shares.each, strict=True):
        assert share > 0 or name not in set(sides)


@given(st.lists(st.integers(1, 150), min_size=1, max_size=4), SHARES, st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_without_campaigns_every_stratum_is_off_by_less_than_two(sizes, shares, seed):
    rows = [(f"{label}{n}", "one", f"label{label}", n) for label, size in enumerate(sizes) for n in range(size)]
    frame = _frame(rows)
    sides = assign(frame, shares, "cluster", seed)
    counts = frame.assign(side=sides).groupby([*STRATUM, "side"]).size().unstack(fill_value=0)
    for name, share in zip(SPLITS, shares.each, strict=True):
        found = counts.get(name, 0)
        assert (abs(found - share * counts.sum(axis=1)) < 2).all()


@given(ROWS, SHARES)
@settings(max_examples=60, deadline=None)
def test_time_never_tests_on_a_cluster_older_than_its_corpus_trains_on(rows, shares):
    frame = _frame(rows)
    # One corpus and label, so that there is one clock.
    frame = frame.assign(corpus="one", label="ham", kind="ham", side="")
    frame["side"] = assign(frame, shares, "time")
    starts = frame.dropna(subset="date").groupby(["side", "cluster"])["date"].min()
    whole = frame.groupby("cluster")["date"].apply(lambda dates: dates.notna().all())
    starts = starts[[whole[cluster] for _, cluster in starts.index]]
    held, trained = starts.get("test"), starts.get("train")
    if held is not None and trained is not None and len(held) and len(trained):
        assert held.min() >= trained.max()
