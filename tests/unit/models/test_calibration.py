"""Probabilities that mean what they say."""

import numpy as np

from seg_ml.models.calibration import Calibrator, fit_calibrator


def test_recovers_the_rate_behind_the_logit() -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(20_000, 1)) * 2
    labels = (rng.random(20_000) < 1 / (1 + np.exp(-(0.5 * logits[:, 0] - 1)))).astype(np.intp)
    probabilities = fit_calibrator(logits, labels).probabilities(np.array([[0.0], [4.0]]))
    assert np.allclose(probabilities[:, 1], 1 / (1 + np.exp(-np.array([-1.0, 1.0]))), atol=0.03)


def test_rows_sum_to_one_and_json_keeps_them() -> None:
    rng = np.random.default_rng(2)
    logits, labels = rng.normal(size=(300, 3)), np.arange(300) % 3
    calibrator = fit_calibrator(logits, labels)
    assert np.allclose(calibrator.probabilities(logits).sum(axis=1), 1.0)
    again = Calibrator.from_json(calibrator.to_json())
    assert np.array_equal(again.probabilities(logits), calibrator.probabilities(logits))


def test_extreme_logits_stay_finite() -> None:
    calibrator = Calibrator(np.array([[0.0], [1.0]]), np.zeros(2))
    assert np.isfinite(calibrator.probabilities(np.array([[1e6], [-1e6]]))).all()
