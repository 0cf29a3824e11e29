"""A promise is kept on average, needs enough mail, and is broken where mail is of another kind."""

import math

import numpy as np
import pandas as pd
import pytest

from seg_ml.evaluation.conformal import (
    Band,
    abstain,
    abstention_curve,
    band_figures,
    coverage,
    least,
    promise,
    promise_table,
    promise_within,
)


def rows_of(ham, bad=(), **columns) -> pd.DataFrame:
    frame = pd.DataFrame({"threat": [*ham, *bad], "label": ["ham"] * len(ham) + ["spam"] * len(bad)})
    return frame.assign(**columns)


def test_the_threshold_is_an_order_statistic() -> None:
    made = promise(rows_of([n / 100 for n in range(99)]), 0.05)
    assert (made.n, made.expected) == (99, 0.05)
    assert made.threshold == pytest.approx(0.94)
    assert made.threshold > 0.94
    assert made.likely_at_most == pytest.approx(0.0902, abs=0.003)


def test_too_little_mail_promises_by_flagging_nothing() -> None:
    assert least(0.01) == 99
    assert math.isinf(promise(rows_of([0.1] * 98), 0.01).threshold)
    assert math.isfinite(promise(rows_of([0.1] * 99), 0.01).threshold)


@pytest.mark.parametrize("promised", [0.01, 0.05, 0.2])
def test_the_promise_holds_over_many_draws(promised: float) -> None:
    random = np.random.default_rng(0)
    rates = []
    for _ in range(400):
        ham = random.beta(1, 6, 400)
        made = promise(rows_of(ham[:200]), promised)
        rates.append((ham[200:] >= made.threshold).mean())
    assert np.mean(rates) <= promised + 0.004
    assert np.mean(np.array(rates) <= made.likely_at_most) > 0.85


def test_table_checks_on_other_mail(scores: pd.DataFrame) -> None:
    rows = scores[scores["model"] == "fused"]
    learned, judged = (rows[rows["split"] == name] for name in ("validation", "test"))
    table = promise_table(learned, [0.01, 0.05, 0.1], judged)
    assert table["threshold"].is_monotonic_decreasing
    assert (table["low"] <= table["promised"]).all()
    assert table["recall"].is_monotonic_increasing


def test_another_kind_of_mail_breaks_it() -> None:
    rows = rows_of([0.1] * 60 + [0.9] * 20, corpus=["known"] * 60 + ["strange"] * 20)
    table = coverage(rows, 0.5, 0.01).set_index("value")
    assert table.loc["strange", ["flagged", "kept"]].tolist() == [20, "no"]
    assert table.loc["known", ["flagged", "kept"]].tolist() == [0, "open"]


def test_two_thresholds_keep_two_promises() -> None:
    ham, bad = np.linspace(0.0, 0.7, 99), np.linspace(0.4, 1.0, 99)
    rows = rows_of(ham, bad)
    band = abstain(rows, 0.05, 0.05)
    assert 0.4 < band.low < band.high < 0.7
    figures = band_figures(band, rows)
    assert figures["wanted held"] <= 0.05
    assert figures["unwanted delivered"] <= 0.05
    assert figures["looked at"] > 0.2


def test_kinds_that_lie_apart_need_no_looking() -> None:
    rows = rows_of([0.1] * 99, [0.9] * 99)
    band = abstain(rows, 0.05, 0.05)
    assert band.low == band.high
    assert band_figures(band, rows)["looked at"] == 0.0


def test_without_enough_of_either_everything_is_looked_at() -> None:
    rows = rows_of([0.2] * 5, [0.8] * 5)
    assert abstain(rows, 0.01, 0.01) == Band(0.0, math.inf)
    assert band_figures(Band(0.0, math.inf), rows)["looked at"] == 1.0


def test_the_curve_falls_as_more_misses_are_allowed(scores: pd.DataFrame) -> None:
    rows = scores[scores["model"] == "fused"]
    learned, judged = (rows[rows["split"] == name] for name in ("validation", "test"))
    curve = abstention_curve(learned, judged, 0.05, [0.02, 0.05, 0.1])
    assert curve["looked at"].is_monotonic_decreasing


def test_a_promise_within_parts_holds_in_the_most_suspected_one() -> None:
    easy, hard = np.linspace(0.0, 0.2, 200), np.linspace(0.3, 0.6, 120)
    rows = rows_of([*easy, *hard], genre=["list"] * 200 + ["personal"] * 120)
    whole, within = promise(rows, 0.05), promise_within(rows, 0.05, "genre")
    assert (hard >= whole.threshold).mean() > 0.05
    assert (hard >= within.threshold).mean() <= 0.05
    assert within.n == 120
    few = rows_of([*easy, *hard[:10]], genre=["list"] * 200 + ["personal"] * 10)
    assert promise_within(few, 0.05, "genre").threshold < 0.3, "ten messages have no say"
    assert math.isinf(promise_within(few.head(3), 0.05, "genre").threshold)
