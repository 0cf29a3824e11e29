"""How a trial is judged: on campaigns that its model never saw, and by the corpus that fares worst.

A corpus fares as well as its recall lies above the bound that the gate sets it. The mean over corpora would let an
easy corpus pay for a hard one; the least recall would be that of the hardest corpus always, and nothing would hold
the others. The least distance to the bound is what promotion hangs on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seg_ml.corpora.card import made_corpora
from seg_ml.domain.errors import ConfigError
from seg_ml.evaluation.gate import bounds_from
from seg_ml.evaluation.metrics import at_rate
from seg_ml.evaluation.scores import two_sided_corpora, unwanted
from seg_ml.models.folds import Indices, cluster_folds, out_of_fold
from seg_ml.models.fusion import FusionOptions, fit_fusion
from seg_ml.models.transformer import FineTuneOptions, HiddenStates, fine_tune, predict
from seg_ml.training import paths
from seg_ml.training.backbone import backbone_folder
from seg_ml.training.cached import fusion_inputs
from seg_ml.training.development import Development, development, learns_text
from seg_ml.training.params import Params
from seg_ml.training.tuning.space import FUSION, TRANSFORMER, VOTES, Range, Values

Floats = NDArray[np.float64]
Report = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Outcome:
    """`headroom`: the least distance from a bound, in [-1, 1]; `recalls` by corpus or experiment, `f1` of some."""

    headroom: float
    recalls: Mapping[str, float]
    f1: Mapping[str, float] = field(default_factory=dict)


class Objective(Protocol):
    """A section of `params.yaml` under search."""

    section: str
    space: Mapping[str, Range]
    fingerprint: str
    """Hash of everything but the settings that an outcome depends on."""

    def __call__(self, values: Values, report: Report) -> Outcome:
        """Learn with these settings, and judge."""
        ...

    def elsewhere(self, outcomes: Sequence[Outcome]) -> Outcome | None:
        """Of these trials: each figure under the settings that were best on all others; `None` where none is apart."""
        return None


def judged(frame: pd.DataFrame, scores: Floats, params: Params) -> Outcome:
    """The outcome of scores (n,), higher for unwanted mail, of the messages in `frame`.

    Corpora without wanted or without unwanted mail are judged together with the others only, where none has both.
    """
    rate, bounds, bad = float(params["evaluation"]["rate"]), bounds_from(params["gate"]), unwanted(frame)
    made = made_corpora(frame["corpus"].unique())
    recalls, headroom = {}, {}
    for corpus in two_sided_corpora(frame):
        rows = (frame["corpus"] == corpus).to_numpy()
        recalls[corpus] = at_rate(bad[rows], scores[rows], rate).recall
        headroom[corpus] = recalls[corpus] - (bounds.made_recall if corpus in made else bounds.recall)
    if not recalls:
        recalls = {"all": at_rate(bad, scores, rate).recall}
        headroom = {"all": recalls["all"] - bounds.recall}
    return Outcome(min(headroom.values()), recalls)


def tried(options: FusionOptions, values: Values) -> FusionOptions:
    """The fusion's options with the settings of a trial, whose names are theirs."""
    return replace(options, **values)  # type: ignore[arg-type]  # a whole number where the option is one


def sampled_campaigns(data: Development, limit: int, seed: int) -> Indices:
    """Rows of whole campaigns, drawn until they hold `limit` messages with their copies; all rows for 0."""
    codes = np.unique(data.clusters.astype(str), return_inverse=True)[1]
    drawn = np.random.default_rng(seed).permutation(int(codes.max()) + 1)
    enough = int(np.searchsorted(np.cumsum(np.bincount(codes)[drawn]), limit or len(codes))) + 1
    return np.flatnonzero(np.isin(codes, drawn[:enough]))


class FusionObjective(Objective):
    """The trees over cached text logits and features, with the votes that are set; see `VOTES` for a search of these.

    One copy of the trees a trial: more only take noise off.
    """

    section, space = "fusion", FUSION

    def __init__(self, params: Params, sample: int = 0) -> None:
        data = development()
        rows = sampled_campaigns(data, sample, params.seed)
        self.params, self.options = params, replace(params.options(FusionOptions, "fusion"), copies=1)
        self.inputs, self.target, self.clusters = (
            fusion_inputs(params, data).rows(rows), data.target[rows], data.clusters[rows],
        )  # fmt: skip
        self.sent = data.genuine[rows]
        self.frame = data.frame.iloc[rows[self.sent]]
        votes = [getattr(self.options, name) for name in VOTES]
        arrays = (self.inputs.vectors, self.inputs.blind, self.inputs.texts, self.target, np.array(votes, float))
        self.fingerprint = _hash(params, *arrays)

    def __call__(self, values: Values, report: Report) -> Outcome:
        """Grow the trees of every fold, and judge the messages that were sent."""
        options = tried(self.options, values)
        fusion, parts = fit_fusion(self.inputs, self.target, self.clusters, options, self.params.seed, report)
        return judged(self.frame, fusion.joined(parts)[self.sent, 0], self.params)


class TransformerObjective(Objective):
    """Fine-tuning on cached hidden states, judged on messages that were sent and whose text tells what they are."""

    section, space = "transformer", TRANSFORMER

    def __init__(self, params: Params, sample: int = 0) -> None:
        states = paths.HIDDEN / "states.npy"
        if not states.is_file():
            raise ConfigError(f"{states} does not exist: dvc repro encode")
        self.data, self.params, self.folder = development(), params, backbone_folder(params)
        self.hidden = HiddenStates(np.load(states, mmap_mode="r"), np.load(paths.HIDDEN / "offsets.npy"))
        self.options = params.options(FineTuneOptions, "transformer")
        texts = learns_text(self.data.frame, params)
        rows = sampled_campaigns(self.data, sample, params.seed)
        self.rows = rows[texts[rows]]
        self.folds = int(params["transformer"]["folds"])
        self.fingerprint = _hash(params, self.hidden.lengths[self.rows], self.rows, self.data.target[self.rows])

    def __call__(self, values: Values, report: Report) -> Outcome:
        """Fine-tune a model a fold, and judge what it never saw."""
        options, data, rows = replace(self.options, **values), self.data, self.rows  # type: ignore[arg-type]  # as above
        folds = list(cluster_folds(data.target[rows], data.clusters[rows], self.folds, self.params.seed))

        def fit_and_score(fit: Indices, held_out: Indices) -> Floats:
            model = fine_tune(self.folder, self.hidden, rows[fit], data.target, options, self.params.seed, report)
            return predict(model, self.hidden, rows[held_out])

        logits = out_of_fold(fit_and_score, folds, len(rows))
        sent = data.genuine[rows]
        return judged(data.frame.iloc[rows[sent]], logits[sent, 0], self.params)


def _hash(params: Params, *arrays: NDArray[np.generic]) -> str:
    return hash_of((params.seed, params["evaluation"]["rate"], params["gate"]), *arrays)


def hash_of(settings: object, *arrays: NDArray[np.generic]) -> str:
    """SHA-256 of settings, as Python shows them, and arrays."""
    told = hashlib.sha256(repr(settings).encode())
    for array in arrays:
        told.update(np.ascontiguousarray(array).tobytes())
    return told.hexdigest()
