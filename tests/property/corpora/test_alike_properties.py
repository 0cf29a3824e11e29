"""The banded search finds what a comparison of all with all finds, and no split puts alike messages apart."""

from itertools import combinations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from seg_ml.corpora.alike import alike, components
from seg_ml.corpora.shingles import jaccard
from seg_ml.corpora.split import Shares, assign

# Sets around a few centres, with some items left out: many pairs near every similarity.
CENTRES = [np.arange(start, start + 60, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) for start in (0, 25, 500)]


@st.composite
def shingle_sets(draw):
    sets = []
    for _ in range(draw(st.integers(0, 25))):
        centre = draw(st.sampled_from(CENTRES))
        left_out = draw(st.sets(st.integers(0, len(centre) - 1), max_size=12))
        sets.append(np.unique(np.delete(centre, sorted(left_out))))
    return sets


def _all_pairs(sets, threshold):
    return {(a, b) for a, b in combinations(range(len(sets)), 2) if jaccard(sets[a], sets[b]) >= threshold}


@given(shingle_sets())
@settings(max_examples=60, deadline=None)
def test_pairs_are_those_of_a_full_comparison(sets):
    pairs = alike(sets, 0.5)
    found = set(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))
    assert found <= _all_pairs(sets, 0.5)
    # At 0.5 one pair in 250 may share no band; at 0.7 none in ten million.
    assert _all_pairs(sets, 0.7) <= found


@given(shingle_sets().filter(len), st.integers(0, 2**32 - 1), st.sampled_from(["cluster", "time"]))
@settings(max_examples=60, deadline=None)
def test_nothing_alike_stands_on_both_sides(sets, seed, strategy):
    clusters = components(len(sets), alike(sets, 0.5))
    frame = pd.DataFrame({"cluster": clusters.astype(str), "corpus": "one", "kind": "a", "label": "ham"})
    frame["date"] = pd.date_range("2000-01-01", periods=len(sets), freq="D", tz="UTC")
    sides = assign(frame, Shares(), strategy, seed)
    assert all(sides[a] == sides[b] for a, b in _all_pairs(sets, 0.7))
