import math

import numpy as np
import pytest

from seg_ml.evaluation.intervals import Interval, clopper_pearson, percentile, resampled, wilson, with_certainty
from seg_ml.evaluation.metrics import at_rate
from seg_ml.evaluation.weighted import Ranked


def test_rates_against_published_values():
    # R: binom.confint(8, 10, method = c("wilson", "exact"))
    assert wilson(8, 10) == Interval(pytest.approx(0.4901625, abs=1e-6), pytest.approx(0.9433178, abs=1e-6))
    assert clopper_pearson(8, 10) == Interval(pytest.approx(0.4439045, abs=1e-6), pytest.approx(0.9747893, abs=1e-6))


@pytest.mark.parametrize("interval", [wilson, clopper_pearson])
def test_rates_at_the_edges(interval):
    assert interval(0, 20).low == 0 and 0.1 < interval(0, 20).high < 0.2
    assert interval(20, 20).high == 1 and 0.8 < interval(20, 20).low < 0.9
    assert math.isnan(interval(0, 0).low)


def test_same_seed_same_resamples_and_another_seed_others():
    clusters = np.repeat(np.arange(20), 3)
    means = [resampled(lambda w: w @ np.arange(60.0), clusters, 50, seed) for seed in (1, 1, 2)]
    assert (means[0] == means[1]).all() and (means[0] != means[2]).any()


def test_resamples_draw_whole_clusters_and_keep_their_number():
    clusters = ["b", "a", "b", "a", "c"]
    weights = resampled(lambda w: w, clusters, 40, 3)
    assert weights.shape == (40, 5)
    assert (weights[:, 0] == weights[:, 2]).all() and (weights[:, 1] == weights[:, 3]).all()
    assert (weights[:, [0, 1, 4]].sum(axis=1) == 3).all()


def test_copies_in_a_campaign_widen_the_interval():
    rng = np.random.default_rng(0)
    hit = rng.random(100) < 0.7
    ranked = Ranked(np.ones(500, bool), np.repeat(hit, 5).astype(float))
    by_campaign = percentile(resampled(lambda w: ranked.recall(w, 0.5), np.repeat(np.arange(100), 5)))
    by_message = percentile(resampled(lambda w: ranked.recall(w, 0.5), np.arange(500)))
    assert by_campaign.high - by_campaign.low > 1.8 * (by_message.high - by_message.low)


def test_bootstrap_covers_the_truth_about_as_often_as_promised():
    rng = np.random.default_rng(5)
    covered = 0
    # P(N(2, 1) > 90th percentile of N(0, 1))
    truth = 1 - 0.5 * math.erfc((2 - 1.2815516) / math.sqrt(2))
    for _ in range(60):
        scores = np.r_[rng.normal(0, 1, 300), rng.normal(2, 1, 200)]
        unwanted = np.r_[np.zeros(300, bool), np.ones(200, bool)]
        ranked = Ranked(unwanted, scores)
        interval = percentile(resampled(lambda w, r=ranked: r.recall_at(w, 0.1), np.arange(500), 200))
        covered += interval.low <= truth <= interval.high
        assert interval.low - 0.05 <= at_rate(unwanted, scores, 0.1).recall <= interval.high + 0.05
    assert covered >= 51


def test_nothing_missed_is_no_certainty():
    sure = with_certainty(Interval(1.0, 1.0), 1.0, 30)
    assert sure.high == 1 and sure.low == pytest.approx(0.025 ** (1 / 30))
    assert with_certainty(Interval(0.0, 0.0), 0.0, 30).high == pytest.approx(1 - 0.025 ** (1 / 30))
    assert with_certainty(Interval(0.9, 1.0), 1.0, 30) == Interval(0.9, 1.0)


def test_values_that_could_not_be_computed_are_left_out():
    assert percentile(np.array([np.nan, 2.0, 2.0])) == Interval(2.0, 2.0)
    assert math.isnan(percentile(np.array([np.nan])).low)
