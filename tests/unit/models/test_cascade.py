"""Margins settle as much as they may, and nothing beyond; what is settled is the early model's answer."""

from pathlib import Path

import numpy as np
import pytest

from seg_ml.models.calibration import Calibrator
from seg_ml.models.cascade import EARLY, Early, Margins, Strictness, choose_margins, differing
from seg_ml.models.fusion import FusionOptions, Inputs, fit_fusion

SURE = np.array([0.001, 0.002, 0.003, 0.004, 0.5, 0.996, 0.997, 0.998, 0.999])
UNWANTED = SURE > 0.5


def strict(disagreement: float = 0.0, slack: float = 1.01, certain: float = 0.9) -> Strictness:
    return Strictness(certain, disagreement, slack)


def test_all_on_either_side_that_agree() -> None:
    margins = choose_margins(SURE, np.where(SURE == 0.5, 0.4, SURE), UNWANTED, [0.5], strict())
    assert (margins.wanted, margins.unwanted) == (0.004, 0.996)
    assert margins.settle(SURE).tolist() == [True] * 4 + [False] + [True] * 4


def test_nothing_settled_changes_sides_whatever_may_differ() -> None:
    full = SURE.copy()
    full[1], full[-2] = 0.9, 0.1
    assert choose_margins(SURE, full, UNWANTED, [0.5], strict(0.9)) == Margins(0.001, 0.999)


def test_nothing_that_is_wanted_is_settled_as_unwanted_nor_what_is_close_to_it() -> None:
    honest = UNWANTED & (SURE != 0.996)
    assert choose_margins(SURE, SURE, honest, [0.5], strict()).unwanted == 0.997
    assert choose_margins(SURE, SURE, honest, [0.5], strict(slack=1.9)).unwanted == 0.998


def test_nothing_less_than_certain_is_settled() -> None:
    assert choose_margins(SURE, SURE, UNWANTED, [0.5], strict(certain=0.9975)) == Margins(0.002, 0.998)


def test_what_may_differ_goes_where_it_settles_most() -> None:
    full = SURE.copy()
    full[[1, 5]] = [0.2, 0.7]  # differ at 0.1 and at 0.8, and stay on their side
    thresholds = [0.1, 0.5, 0.8]
    assert differing(SURE, full, thresholds).sum() == 2
    found = [choose_margins(SURE, full, UNWANTED, thresholds, strict(some / 9)) for some in range(3)]
    assert found == [Margins(0.001, 0.997), Margins(0.004, 0.997), Margins(0.004, 0.996)]


def test_equal_scores_are_settled_together_or_not_at_all() -> None:
    early, full = np.array([0.01, 0.01, 0.99]), np.array([0.01, 0.3, 0.99])
    margins = choose_margins(early, full, early > 0.5, [0.2, 0.5], strict())
    assert margins.settle(early).tolist() == [False, False, True]


def test_no_margin_where_nothing_can_be_settled() -> None:
    early = np.array([0.01, 0.99])
    margins = choose_margins(early, 1 - early, early > 0.5, [0.5], strict())
    assert not margins.settle(np.array([0.0, 1.0])).any()


@pytest.fixture
def early() -> Early:
    generator = np.random.default_rng(3)
    target = (np.arange(80) % 2).astype(np.intp)
    vectors, texts = generator.normal(size=(80, 3)) + target[:, None], generator.normal(size=(80, 2))
    nowhere = np.zeros(80, bool)
    inputs = Inputs(vectors, vectors, texts, nowhere, nowhere, np.zeros(3, np.int8))
    fusion, _ = fit_fusion(inputs, target, np.arange(80), FusionOptions(iterations=5, copies=1, folds=2), seed=1)
    return Early(fusion, Calibrator(np.array([[0.0], [1.0]]), np.zeros(2)), Margins(0.3, 2.0))


def test_one_message_is_settled_or_left(early: Early, tmp_path: Path) -> None:
    early.fusion.save(tmp_path / EARLY)
    again = Early.load(tmp_path, early.calibrator, early.margins)
    answers = [again.settled(np.full(3, level), np.zeros(2)) for level in (-3.0, 4.0)]
    assert answers[0] is not None
    assert answers[0][1] <= 0.3
    assert answers[0].sum() == pytest.approx(1.0)
    assert answers[1] is None
