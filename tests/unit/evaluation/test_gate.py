import copy

import pytest

from seg_ml.domain.errors import ConfigError
from seg_ml.evaluation.gate import Bounds, bounds_from, gate
from seg_ml.evaluation.report import evaluate

BOUNDS = Bounds(
    rate=0.005,
    recall=0.95,
    made_recall=0.8,
    ece=0.03,
    latency_p95_ms=100,
    corpus_auc=0.9,
    slice_margin=0.02,
    slice_minimum=50,
)
FIGURES = {
    "recall_at_0_5_percent": {"figure": 0.95},
    "ece": {"figure": 0.03},
    "latency_ms": {"p95": 100.0},
    "probe": {"decision": {"auc": 0.9, "reason": ""}},
    "test_data": {"sha256": "a"},
    "slices": {
        "corpus": {
            "one": {"ham": 100, "unwanted": 100, "recall": 0.9, "false_positive_rate": 0.01},
            "two": {"ham": 100, "unwanted": 49, "recall": 0.9, "false_positive_rate": 0.01},
        }
    },
}


def _figures(**slices):
    figures = copy.deepcopy(FIGURES)
    for name, change in slices.items():
        figures["slices"]["corpus"][name] |= change
    return figures


def _slice_check(figures, champion):
    return gate(figures, champion, BOUNDS)[-1]


def test_figures_at_their_bounds_pass():
    assert [check.passed for check in gate(FIGURES, None, BOUNDS)] == [True] * 5


@pytest.mark.parametrize(
    ("collected", "made", "passed"),
    [(0.95, 0.8, [True, True]), (0.9499, 0.99, [True, False]), (0.99, 0.7999, [False, True])],
)
def test_each_corpus_keeps_to_its_bound_by_itself(collected, made, passed):
    corpora = {"old": {"m": {"recall_at_0_5_percent": collected}}, "letters": {"m": {"recall_at_0_5_percent": made}}}
    figures = {**FIGURES, "model": "m", "corpora": corpora, "made_corpora": ["letters"]}
    checks = gate(figures, None, BOUNDS)
    assert [check.passed for check in checks] == [*passed, True, True, True, True]
    assert [check.bound for check in checks[:2]] == [0.8, 0.95]
    assert checks[0].name.endswith(", letters") and checks[1].name.endswith(", old")


@pytest.mark.parametrize(
    ("path", "value", "index"),
    [
        (("recall_at_0_5_percent", "figure"), 0.9499, 0),
        (("ece", "figure"), 0.0301, 1),
        (("latency_ms", "p95"), 100.1, 2),
        (("recall_at_0_5_percent", "figure"), None, 0),
        (("ece", "figure"), float("nan"), 1),
        (("probe", "decision"), {"auc": 0.9001, "reason": ""}, 3),
        (("probe", "decision"), {}, 3),
    ],
)
def test_figure_beyond_its_bound_or_unknown_fails_alone(path, value, index):
    figures = copy.deepcopy(FIGURES)
    figures[path[0]][path[1]] = value
    assert [check.passed for check in gate(figures, None, BOUNDS)] == [number != index for number in range(5)]


def test_what_was_never_measured_does_not_pass():
    checks = gate({"slices": {}}, None, BOUNDS)
    assert [check.passed for check in checks] == [False, False, False, False, True]
    assert "not measured, bound 0.95" in str(checks[0])


def test_slice_may_lose_the_margin_and_no_more():
    champion = _figures(one={"recall": 0.92})
    assert _slice_check(FIGURES, champion).passed
    check = _slice_check(FIGURES, _figures(one={"recall": 0.93}))
    assert not check.passed and check.figure == pytest.approx(0.03)
    assert str(check) == "largest loss of a slice: 0.03, bound 0.02 (corpus: one, recall 0.93 → 0.9)"


def test_slice_with_more_false_positives_is_worse_too():
    check = _slice_check(_figures(two={"false_positive_rate": 0.04}), FIGURES)
    assert not check.passed and "two, false positive rate 0.01 → 0.04" in check.detail


def test_slice_with_too_few_messages_cannot_be_worse():
    assert _slice_check(_figures(two={"recall": 0.1}), FIGURES).passed


def test_gain_everywhere_is_a_loss_of_nothing():
    check = _slice_check(_figures(one={"recall": 1.0, "false_positive_rate": 0.0}), _figures(two={"ham": 0}))
    assert check.passed and check.figure == 0


def test_champion_measured_on_other_mail_is_no_yardstick():
    other = {**FIGURES, "test_data": {"sha256": "b"}, "version": 4}
    check = _slice_check(FIGURES, other)
    assert not check.passed and check.figure is None and "other test data" in check.detail
    beside = {**FIGURES, "champion": {**_figures(one={"recall": 0.91}), "version": 4}}
    assert _slice_check(beside, other).passed
    better = {**FIGURES, "champion": {**_figures(one={"recall": 0.99}), "version": 4}}
    assert not _slice_check(better, other).passed
    assert _slice_check(beside, {**other, "version": 5}).figure is None, "measured beside another champion"


def test_bounds_come_complete_from_params():
    params = {"rate": 0.005, "recall": 0.9, "made_recall": 0.8, "ece": 0.1, "latency_p95_ms": 9}
    params |= {"corpus_auc": 0.8, "slice_margin": 0.1, "slice_minimum": 1}
    assert bounds_from(params) == Bounds(0.005, 0.9, 0.8, 0.1, 9, 0.8, 0.1, 1)
    with pytest.raises(ConfigError, match=r"gate\.ece is missing"):
        bounds_from({key: value for key, value in params.items() if key != "ece"})
    with pytest.raises(ConfigError, match=r"gate\.force is unknown"):
        bounds_from({**params, "force": True})


def test_gate_reads_what_evaluation_writes(scores, params):
    figures = evaluate(scores, params).figures
    lax = Bounds(0.005, 0.0, 0.0, 1.0, 1000.0, 1.0, 0.0, 50)
    assert all(check.passed and check.figure is not None for check in gate(figures, figures, lax))
    worse = evaluate(scores, {**params, "model": "baseline", "baseline": "fused"}).figures
    assert not gate(worse, figures, lax)[-1].passed


def test_one_corpus_alone_leaves_nothing_to_tell_apart():
    figures = {**FIGURES, "probe": {"decision": {"auc": None, "reason": "no genre holds two corpora"}}}
    check = gate(figures, None, BOUNDS)[3]
    assert check.passed and "no genre holds two corpora" in str(check)


def test_a_champion_that_this_code_cannot_read_is_no_yardstick_and_no_obstacle():
    other = {**_figures(one={"recall": 0.99}), "test_data": {"sha256": "other"}, "version": 4}
    reason = "feature session is version 2 here, 1 in the artifact"
    upgraded = {**FIGURES, "champion": {"version": 4, "unreadable": reason}}
    check = _slice_check(upgraded, other)
    assert check.passed
    assert reason in check.detail
    assert not _slice_check(upgraded, {**other, "version": 5}).passed, "said of another champion"
