"""What own mail adds: its mistakes are learned from, no message moves far, the rest stays."""

from pathlib import Path

import numpy as np
import pytest

from seg_ml.models.correction import Correction, Examples, fit_correction, log_odds, two_sided


def examples(count: int = 60) -> Examples:
    """Notices of a shop that the model takes for threats, plain mail that it judges well, and threats."""
    notice, plain, threat = (
        ["your", "order", "shop", f"n{0}"],
        ["minutes", "of", "the", "meeting"],
        ["winner", "order", "prize", "now"],
    )
    tokens = [*[notice] * count, *[plain] * count, *[threat] * count]
    target = np.repeat([0, 0, 1], count)
    odds = np.repeat([3.0, -6.0, 6.0], count)
    own = np.repeat([True, True, False], count)
    return Examples(tokens, target, odds, own, np.arange(3 * count))


@pytest.mark.parametrize("limit", [0.5, 4.0])
def test_mistakes_are_mended_within_the_bound(limit: float) -> None:
    data = examples()
    correction = fit_correction(data, limit, seed=7)
    moved = correction.moved(data.tokens)
    assert moved[0] == -limit
    assert moved[60] <= 0.0
    assert correction.moved([["shop", "your"] * 500])[0] >= -limit
    assert moved[120] > -0.5  # a threat that bears one of the words is excused nothing


def test_mail_without_own_words_is_judged_as_before() -> None:
    correction = fit_correction(examples(), 4.0, seed=7)
    assert correction.moved([["winner", "prize"]])[0] == 0.0
    for threat in ([0.25, 0.75], [1.0, 0.0], [0.0, 1.0]):
        np.testing.assert_allclose(correction.apply(np.array(threat), ["prize"]), threat, atol=1e-12)


def test_it_comes_back_from_disk(tmp_path: Path) -> None:
    data = examples()
    correction = fit_correction(data, 4.0, seed=7)
    correction.save(tmp_path)
    np.testing.assert_array_equal(Correction.load(tmp_path, 4.0).moved(data.tokens), correction.moved(data.tokens))


def test_log_odds_and_back() -> None:
    odds = np.array([-20.0, -1.0, 0.0, 3.0, 20.0])
    np.testing.assert_allclose(log_odds(two_sided(odds)), odds, rtol=1e-6)
