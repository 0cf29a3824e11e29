"""Signatures, features and text as one threat score: trees over everything, and a vote of the parts.

Trees over findings, features and the text models' logits are sharpest on mail like that they learned from,
and trust the words too much on any other. A plain vote of the parts, each on its own scale, is duller at home and
falls least abroad, and of the parts that without any words falls least of all. The fused logit is the sum of the three.
Anybody can write innocent words, so there is an end to how far they speak for a message; none to how far they accuse.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from seg_ml.compute.executor import spread
from seg_ml.models.folds import Indices, cluster_folds
from seg_ml.models.trees import TreeOptions, Trees, fit_trees

Floats = NDArray[np.float64]
_WORTH_PROCESSES = 2_000  # messages; fewer are learned sooner than a process starts


@dataclass(frozen=True)
class FusionOptions(TreeOptions):
    """Settings of the trees; `folds`: of the out-of-fold scores.

    `vote`: weight of the text models' mean beside the stacked trees, `transformer` the last one's share in that mean,
    for the linear ones all see the same words; `linear_floor` and `transformer_floor`: the least that a
    linear model and the transformer count as, in spreads; `vote_alone`: weight of the trees that read no text.
    `blind`: weight in (0, 1] of a copy of each message whose session is not known; 0 for no copies. With them no
    weight rests on whether a corpus happens to record its sessions. `twins`: weight of a message whose letter is also
    another's, so that what sets the two apart counts more than what they share. `disguised`: weight of a disguised
    copy of a message.
    """

    vote: float = 0.75
    transformer: float = 0.5
    linear_floor: float = -math.inf
    transformer_floor: float = -math.inf
    vote_alone: float = 0.25
    blind: float = 0.25
    twins: float = 1.0
    disguised: float = 1.0
    folds: int = 5


@dataclass(frozen=True)
class Inputs:
    """What is known of n messages: `vectors` and `blind` (n, dim) with and without session, `texts` (n, experts).

    The last text model is the transformer where `transformed`; the others are linear.
    `twins` (n,): whether the letter is also another's; `disguised` (n,): whether it is a disguised copy;
    `directions` (dim,): see `FeatureSchema.directions`.
    """

    vectors: Floats
    blind: Floats
    texts: Floats
    twins: NDArray[np.bool_]
    disguised: NDArray[np.bool_]
    directions: NDArray[np.int8]
    transformed: bool = True

    def rows(self, rows: Indices) -> Inputs:
        """Some of the messages."""
        of_messages = (item.name for item in fields(Inputs) if item.name not in ("directions", "transformed"))
        return replace(self, **{name: getattr(self, name)[rows] for name in of_messages})

    def columns(self, chosen: Sequence[int]) -> Inputs:
        """Some columns of the vectors."""
        picked = list(chosen)
        return replace(
            self,
            vectors=self.vectors[:, picked],
            blind=self.blind[:, picked],
            directions=self.directions[picked],
        )

    def linear(self) -> Inputs:
        """Without the transformer."""
        return replace(self, texts=self.texts[:, : -1 if self.transformed else None], transformed=False)

    def wordless(self) -> Inputs:
        """Without any text model."""
        return replace(self, texts=self.texts[:, :0], transformed=False)


@dataclass(frozen=True)
class Votes:
    """`weights` (experts + 1,) of each text model and of the trees that read no text.

    `floors` (experts,): the least that each text model counts as, in spreads of its logit.
    """

    weights: Floats
    floors: Floats

    @classmethod
    def of(cls, experts: int, transformed: bool, options: FusionOptions) -> Votes:
        """Those of so many text models, of which the last is the transformer where `transformed`."""
        linear = experts - transformed
        if not linear:
            shares = np.ones(experts)
        elif transformed:
            shares = np.append(np.full(linear, (1 - options.transformer) / linear), options.transformer)
        else:
            shares = np.full(linear, 1 / linear)
        floors = [options.linear_floor] * linear + [options.transformer_floor] * transformed
        return cls(np.append(options.vote * shares, options.vote_alone), np.array(floors))


class Fusion:
    """`stacked` reads features and text logits, `alone` features only; `scales` (experts + 2,) are their spreads."""

    def __init__(self, stacked: Trees, alone: Trees, scales: Floats, votes: Votes) -> None:
        self.stacked, self.alone, self.scales, self.votes = stacked, alone, scales, votes

    def logits(self, vectors: Floats, texts: Floats) -> Floats:
        """Shape (n, 1), for vectors (n, dim) and text logits (n, experts)."""
        return self.joined(self.parts(vectors, texts))

    def joined(self, parts: Floats) -> Floats:
        """The logit (n, 1) of what `parts` gives."""
        return combine(parts, self.scales, self.votes)

    def parts(self, vectors: Floats, texts: Floats) -> Floats:
        """Shape (n, experts + 2): text logits, features alone, everything stacked."""
        return np.hstack([texts, self.alone.logits(vectors), self.stacked.logits(np.hstack([vectors, texts]))])

    def save(self, path: Path) -> None:
        """Write one safetensors file."""
        arrays: dict[str, NDArray[Any]] = {
            "scales": self.scales,
            "votes": self.votes.weights,
            "floors": self.votes.floors,
        }
        for name, trees in (("stacked", self.stacked), ("alone", self.alone)):
            arrays |= {f"{name}.{key}": value for key, value in trees.arrays.items()}
            arrays[f"{name}.depth"] = np.array([trees.depth])
        save_file(arrays, path)

    @classmethod
    def load(cls, path: Path) -> Fusion:
        """Read what `save` wrote."""
        arrays = load_file(path)
        votes = Votes(arrays["votes"], arrays["floors"])
        return cls(_trees(arrays, "stacked"), _trees(arrays, "alone"), arrays["scales"], votes)


def combine(parts: Floats, scales: Floats, votes: Votes) -> Floats:
    """Parts (n, experts + 2) as one logit (n, 1): what is stacked, and by their votes all others."""
    scaled = parts / scales
    voting = np.hstack([np.maximum(scaled[:, :-2], votes.floors), scaled[:, -2:-1]])
    return np.asarray(scaled[:, -1:] + voting @ votes.weights[:, None])


def scales_of(parts: Floats) -> Floats:
    """Spread of each of the parts (n, experts + 2) out of fold, shape (experts + 2,)."""
    return np.asarray(np.maximum(parts.std(axis=0), 1e-6))


@dataclass(frozen=True)
class Alone:
    """Trees over features only, and what they say (n, 1) of messages whose campaigns they never saw."""

    trees: Trees
    logits: Floats


def fit_alone(
    inputs: Inputs,
    target: Indices,
    clusters: NDArray[Any],
    options: FusionOptions,
    seed: int,
    report: Callable[[str, int, int], None] = lambda *_: None,
) -> Alone:
    """What findings and features say without a text model; the same for every fusion of the same messages."""
    return Alone(
        *_grow_and_judge(inputs.wordless(), target, clusters, options, seed, partial(report, "trees over features"))
    )


def fit_fusion(
    inputs: Inputs,
    target: Indices,
    clusters: NDArray[Any],
    options: FusionOptions,
    seed: int,
    report: Callable[[str, int, int], None] = lambda *_: None,
    alone: Alone | None = None,
) -> tuple[Fusion, Floats]:
    """The fused model of all messages, and of each the parts (n, experts + 2) by one that never saw its campaign.

    `inputs.texts` are out-of-fold logits; `target` (n,) is 1 for unwanted mail. `alone` is what `fit_alone` made of
    the same arguments, where it is at hand. `Fusion.joined` makes logits of the parts.
    """
    alone = alone or fit_alone(inputs, target, clusters, options, seed, report)
    stacked, logits = _grow_and_judge(inputs, target, clusters, options, seed, partial(report, "trees over everything"))
    parts = np.hstack([inputs.texts, alone.logits, logits])
    votes = Votes.of(inputs.texts.shape[1], inputs.transformed, options)
    return Fusion(stacked, alone.trees, scales_of(parts), votes), parts


def _grow_and_judge(
    inputs: Inputs,
    target: Indices,
    clusters: NDArray[Any],
    options: FusionOptions,
    seed: int,
    report: Callable[[int, int], None],
) -> tuple[Trees, Floats]:
    """Trees of all messages, and logits (n, 1) of each by trees that never saw its campaign."""
    folds = list(cluster_folds(target, clusters, options.folds, seed + 1))
    nobody = inputs.rows(np.arange(0))
    jobs = [(inputs, target, nobody), *((inputs.rows(fit), target[fit], inputs.rows(held)) for fit, held in folds)]
    run = spread if len(target) >= _WORTH_PROCESSES else map
    grown = []
    for trees, logits in run(partial(_grow_and_score, options, seed), jobs):
        grown.append((trees, logits))
        report(len(grown), len(jobs))
    every, *scored = grown
    held_out = [held for _, held in folds]
    return every[0], np.vstack([logits for _, logits in scored])[np.argsort(np.concatenate(held_out), kind="stable")]


def _grow_and_score(options: FusionOptions, seed: int, job: tuple[Inputs, Indices, Inputs]) -> tuple[Trees, Floats]:
    """Trees of some messages, and what they say of others."""
    learned, target, others = job
    trees = _grow(learned, target, options, seed)
    return trees, trees.logits(np.hstack([others.vectors, others.texts]))


def _grow(inputs: Inputs, target: Indices, options: FusionOptions, seed: int) -> Trees:
    trees = TreeOptions(**{item.name: getattr(options, item.name) for item in fields(TreeOptions)})
    weights = np.where(inputs.twins, options.twins, 1.0) * np.where(inputs.disguised, options.disguised, 1.0)
    copies = [(inputs.vectors, 1.0)]
    if options.blind:
        copies.append((inputs.blind, options.blind))
    experts = np.ones(inputs.texts.shape[1], np.int8)
    return fit_trees(
        np.vstack([np.hstack([vectors, inputs.texts]) for vectors, _ in copies]),
        np.concatenate([target for _ in copies]),
        trees,
        seed,
        np.concatenate([weight * weights for _, weight in copies]),
        np.concatenate([inputs.directions, experts]),
    )


def _trees(arrays: dict[str, NDArray[Any]], name: str) -> Trees:
    own = {key.partition(".")[2]: value for key, value in arrays.items() if key.startswith(f"{name}.")}
    return Trees(own, int(own.pop("depth")[0]))
