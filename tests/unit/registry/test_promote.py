from functools import partial

import pytest

from seg_ml.domain.errors import ConfigError, PromotionRefused
from seg_ml.evaluation.gate import Bounds, gate
from seg_ml.registry.promote import judge, promote, rollback
from seg_ml.registry.register import alias_version, register
from seg_ml.registry.resolve import resolve
from seg_ml.registry.runs import start_run

GATE = partial(gate, bounds=Bounds(0.005, 0.95, 0.80, 0.03, 150.0, 0.9, 0.02, 50))


def _aliases():
    return alias_version("champion"), alias_version("previous")


def test_first_version_that_passes_becomes_champion(add_version, figures):
    version = add_version(figures)
    result = promote(GATE)
    assert (result.version, result.replaced, result.passed) == (version, None, True)
    assert _aliases() == (version, None)
    assert resolve("models:/seg-mail@champion").version == version


def test_refusal_names_every_figure_and_moves_nothing(add_version, figures):
    first = add_version(figures)
    promote(GATE)
    figures["recall_at_0_5_percent"]["figure"] = 0.91
    figures["slices"]["corpus"]["two"]["recall"] = 0.90
    add_version(figures)
    with pytest.raises(PromotionRefused) as refusal:
        promote(GATE)
    assert "recall at 0.5 % false positives: 0.91, bound 0.95" in str(refusal.value)
    assert "corpus: two, recall 0.97 → 0.9" in str(refusal.value)
    assert "ECE" not in str(refusal.value)
    assert _aliases() == (first, None)


def test_judging_moves_nothing(add_version, figures):
    add_version(figures)
    assert judge(GATE).passed and _aliases() == (None, None)


def test_previous_is_kept_and_rollback_swaps(add_version, figures):
    first = add_version(figures)
    promote(GATE)
    second = add_version(figures)
    assert promote(GATE).replaced == first
    assert _aliases() == (second, first)
    rollback()
    assert _aliases() == (first, second)
    rollback()
    assert _aliases() == (second, first)


def test_promoting_the_champion_again_keeps_previous(add_version, figures):
    first = add_version(figures)
    promote(GATE)
    second = add_version(figures)
    promote(GATE)
    promote(GATE, str(second))
    assert _aliases() == (second, first)


def test_rollback_without_a_previous_champion(settings):
    with pytest.raises(ConfigError, match="no previous champion"):
        rollback()


def test_version_without_figures_cannot_be_judged(settings, artifact, figures, origin):
    with start_run("test", origin, settings) as run:
        version = register(artifact, run, origin)
    with pytest.raises(ConfigError, match=r"no evaluation\.json"):
        promote(GATE, str(version))
