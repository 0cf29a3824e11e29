"""The fused score: what is saved is what was fitted, the vote counts, and the session may be unknown."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from seg_ml.models.fusion import Fusion, FusionOptions, Inputs, Votes, combine, fit_fusion

OPTIONS = FusionOptions(iterations=15, copies=1, folds=3)


def inputs(seed: int = 1, count: int = 240) -> tuple[Inputs, np.ndarray, np.ndarray]:
    """Messages whose first feature is known from the session only, and whose text tells a little."""
    generator = np.random.default_rng(seed)
    target = (np.arange(count) % 2).astype(np.intp)
    vectors = generator.normal(size=(count, 4))
    vectors[:, 0] += 3 * target
    blind = vectors.copy()
    blind[:, 0] = 0.0
    texts = (target[:, None] - 0.5 + generator.normal(size=(count, 2))) * [1.0, 5.0]
    nowhere = np.zeros(count, bool)
    return Inputs(vectors, blind, texts, nowhere, nowhere, np.zeros(4, np.int8)), target, np.arange(count)


def test_it_learns_and_comes_back_from_disk(tmp_path: Path) -> None:
    data, target, clusters = inputs()
    fusion, parts = fit_fusion(data, target, clusters, replace(OPTIONS, linear_floor=-0.3), seed=7)
    logits = fusion.joined(parts)
    assert logits.shape == (len(target), 1)
    assert np.mean((logits[:, 0] > 0) == target) > 0.8
    fusion.save(tmp_path / "fusion.safetensors")
    again = Fusion.load(tmp_path / "fusion.safetensors")
    np.testing.assert_array_equal(again.logits(data.vectors, data.texts), fusion.logits(data.vectors, data.texts))


def test_a_part_counts_on_its_own_scale() -> None:
    parts, scales = np.array([[10.0, 30.0, 2.0, 1.0]]), np.array([10.0, 10.0, 1.0, 1.0])
    for weights, joined in (([0.5, 0.5, 0.0], 3.0), ([1.0, 0.0, 1.0], 4.0), ([0.0, 0.0, 0.0], 1.0)):
        votes = Votes(np.array(weights), np.full(2, -np.inf))
        assert combine(parts, scales, votes)[0, 0] == pytest.approx(joined)


def test_innocent_words_speak_for_a_message_to_an_end_only() -> None:
    options = replace(OPTIONS, vote=1.0, transformer=0.5, vote_alone=2.0, linear_floor=0.0, transformer_floor=-2.0)
    parts = np.array([[-8.0, -8.0, -1.0, 1.0], [-1.0, -1.0, -1.0, 1.0], [4.0, 2.0, -1.0, 1.0]])
    np.testing.assert_allclose(combine(parts, np.ones(4), Votes.of(2, True, options))[:, 0], [-2.0, -1.5, 2.0])
    np.testing.assert_allclose(combine(parts, np.full(4, 2.0), Votes.of(2, True, options))[:, 0], [-1.5, -0.75, 1.0])


def test_the_transformer_has_a_share_of_its_own_and_the_linear_models_divide_the_rest() -> None:
    options = replace(OPTIONS, vote=0.8, transformer=0.5, vote_alone=0.6)
    np.testing.assert_allclose(Votes.of(3, True, options).weights, [0.2, 0.2, 0.4, 0.6])
    np.testing.assert_allclose(Votes.of(2, False, options).weights, [0.4, 0.4, 0.6])
    np.testing.assert_allclose(Votes.of(1, True, options).weights, [0.8, 0.6])
    np.testing.assert_allclose(Votes.of(0, False, options).weights, [0.6])


def test_a_model_leaves_off_what_it_is_not_to_read() -> None:
    data, _, _ = inputs(count=4)
    three = replace(data, texts=np.zeros((4, 3)))
    assert (three.linear().texts.shape, three.linear().transformed) == ((4, 2), False)
    assert three.linear().linear().texts.shape == (4, 2) and three.wordless().texts.shape == (4, 0)


def test_blind_copies_make_an_unknown_session_say_less() -> None:
    data, target, clusters = inputs()
    threats = target == 1
    seeing, _ = fit_fusion(data, target, clusters, FusionOptions(iterations=15, copies=1, folds=3, blind=0.0), 7)
    taught, _ = fit_fusion(data, target, clusters, FusionOptions(iterations=15, copies=1, folds=3, blind=1.0), 7)
    lost = {
        name: np.mean(fusion.logits(data.blind[threats], data.texts[threats]) < 0)
        for name, fusion in (("seeing", seeing), ("taught", taught))
    }
    assert lost["taught"] < lost["seeing"]


def test_a_direction_is_kept() -> None:
    data, target, clusters = inputs()
    # By chance or by bias the second column falls with the target; more of it must not speak for a message.
    data.vectors[:, 1] -= 2 * target
    kept = replace(data, directions=np.array([0, 1, 0, 0], np.int8))
    more = data.vectors + np.array([0.0, 3.0, 0.0, 0.0])
    free, bound = (fit_fusion(some, target, clusters, OPTIONS, 7)[0] for some in (data, kept))
    assert np.any(free.logits(more, data.texts) < free.logits(data.vectors, data.texts))
    assert np.all(bound.logits(more, data.texts) >= bound.logits(data.vectors, data.texts) - 1e-9)
