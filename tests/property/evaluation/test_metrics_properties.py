import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, brier_score_loss, f1_score, roc_auc_score

from seg_ml.evaluation import metrics
from seg_ml.evaluation.weighted import Ranked

# Few distinct scores, so that ties are the rule.
PAIRS = st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=2, max_size=60)
# No deadline: how long an example takes says how busy the machine is.
UNHURRIED = settings(deadline=None, max_examples=60)
RATES = st.sampled_from([0.0, 0.001, 0.005, 0.01, 0.1, 0.29, 0.5, 1.0])


def _arrays(pairs):
    unwanted = np.array([bad for bad, _ in pairs])
    assume(0 < unwanted.sum() < len(unwanted))
    return unwanted, np.array([score / 20 for _, score in pairs])


@UNHURRIED
@given(PAIRS, RATES)
def test_threshold_keeps_the_false_positives_and_no_smaller_one_does(pairs, rate):
    unwanted, scores = _arrays(pairs)
    ham = scores[~unwanted]
    spare = math.floor(rate * len(ham) + 1e-9)
    threshold = metrics.threshold_at(unwanted, scores, rate)
    assert (ham >= threshold).sum() <= spare
    if threshold > -math.inf:
        assert (ham >= np.nextafter(threshold, -np.inf)).sum() > spare


@UNHURRIED
@given(PAIRS)
def test_recall_grows_with_the_rate(pairs):
    unwanted, scores = _arrays(pairs)
    recalls = [metrics.at_rate(unwanted, scores, rate).recall for rate in (0, 0.01, 0.1, 0.5, 1)]
    assert recalls == sorted(recalls) and recalls[-1] == 1


@UNHURRIED
@given(PAIRS, st.integers(0, 20))
def test_areas_and_scores_equal_those_of_scikit_learn(pairs, threshold):
    unwanted, scores = _arrays(pairs)
    assert metrics.auc(unwanted, scores) == pytest.approx(roc_auc_score(unwanted, scores))
    assert metrics.average_precision(unwanted, scores) == pytest.approx(average_precision_score(unwanted, scores))
    assert metrics.brier(unwanted, scores) == pytest.approx(brier_score_loss(unwanted, scores))
    point = metrics.at_threshold(unwanted, scores, threshold / 20)
    assert point.f1 == pytest.approx(f1_score(unwanted, scores >= threshold / 20))


@UNHURRIED
@given(PAIRS, RATES, st.integers(1, 15))
def test_weights_of_one_give_the_plain_figures(pairs, rate, bins):
    unwanted, scores = _arrays(pairs)
    ranked, ones = Ranked(unwanted, scores), np.ones((1, len(scores)), np.float32)
    point = metrics.at_rate(unwanted, scores, rate)
    assert ranked.recall_at(ones, rate)[0] == pytest.approx(point.recall)
    assert ranked.recall(ones, point.threshold)[0] == pytest.approx(point.recall)
    assert ranked.false_positive_rate(ones, point.threshold)[0] == pytest.approx(point.false_positive_rate)
    assert ranked.f1(ones, point.threshold)[0] == pytest.approx(point.f1)
    assert ranked.auc(ones)[0] == pytest.approx(metrics.auc(unwanted, scores))
    assert ranked.average_precision(ones)[0] == pytest.approx(metrics.average_precision(unwanted, scores))
    assert ranked.brier(ones)[0] == pytest.approx(metrics.brier(unwanted, scores))
    assert ranked.ece(ones, bins)[0] == pytest.approx(metrics.ece(unwanted, scores, bins))


@UNHURRIED
@given(PAIRS, st.lists(st.integers(0, 3), min_size=60, max_size=60), RATES)
def test_whole_weights_mean_copies(pairs, copies, rate):
    unwanted, scores = _arrays(pairs)
    weights = np.array(copies[: len(scores)])
    repeated_bad, repeated = np.repeat(unwanted, weights), np.repeat(scores, weights)
    assume(0 < repeated_bad.sum() < len(repeated_bad))
    ranked, row = Ranked(unwanted, scores), weights[None].astype(np.float32)
    assert ranked.recall_at(row, rate)[0] == pytest.approx(metrics.at_rate(repeated_bad, repeated, rate).recall)
    assert ranked.auc(row)[0] == pytest.approx(metrics.auc(repeated_bad, repeated))
    assert ranked.average_precision(row)[0] == pytest.approx(metrics.average_precision(repeated_bad, repeated))


@UNHURRIED
@given(PAIRS, st.integers(1, 20), st.randoms())
def test_calibration_error_is_a_share_and_knows_no_order(pairs, bins, random):
    unwanted, scores = _arrays(pairs)
    order = np.array(random.sample(range(len(scores)), len(scores)))
    value = metrics.ece(unwanted, scores, bins)
    assert 0 <= value <= 1
    assert metrics.ece(unwanted[order], scores[order], bins) == pytest.approx(value)
    assert metrics.reliability(unwanted, scores, bins)["n"].sum() == len(scores)


@UNHURRIED
@given(PAIRS)
def test_outcomes_as_probabilities_are_perfectly_calibrated(pairs):
    unwanted, _ = _arrays(pairs)
    assert metrics.ece(unwanted, unwanted.astype(float)) == 0
    assert metrics.brier(unwanted, unwanted.astype(float)) == 0
