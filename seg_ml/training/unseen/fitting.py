"""One whole model learned from some rows, and what it and its parts say of others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seg_ml.compute.executor import threaded
from seg_ml.models.bag import Bag
from seg_ml.models.calibration import fit_calibrator
from seg_ml.models.folds import Indices, cluster_folds, corpus_folds, out_of_fold
from seg_ml.models.fusion import FusionOptions, Inputs, Votes, combine, fit_fusion, scales_of
from seg_ml.models.linear import LinearOptions, bag_of, fit_linear_of
from seg_ml.models.transformer import FineTuneOptions, fine_tune, predict
from seg_ml.training.backbone import backbone_folder
from seg_ml.training.cached import directions
from seg_ml.training.development import learns_text
from seg_ml.training.params import Params
from seg_ml.training.unseen.data import Research

Floats = NDArray[np.float64]
Report = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Scores:
    """Probabilities of being unwanted, by model: of the rows judged, and out of fold of those learned from."""

    judged: dict[str, Floats]
    learned: Floats


@dataclass(frozen=True)
class Parts:
    """What each part of the model says, as logits: `learned` out of fold of the rows learned from, `judged` of others.

    The columns are the text models, the transformer last, the trees over features alone and those over everything, see
    `Fusion.parts`, and at the end a regression over findings alone.
    """

    learned: Floats
    judged: Floats

    def table(self) -> pd.DataFrame:
        """Both, one row a message."""
        columns = [f"part {number}" for number in range(self.learned.shape[1])]
        sides = {"learned": self.learned, "judged": self.judged}
        frames = [pd.DataFrame(parts, columns=columns).assign(side=side) for side, parts in sides.items()]
        return pd.concat(frames, ignore_index=True)

    @classmethod
    def of(cls, table: pd.DataFrame) -> Parts:
        """Read what `table` gave."""
        parts, side = table.drop(columns="side").to_numpy(), table["side"]
        return cls(parts[side == "learned"], parts[side == "judged"])


@dataclass(frozen=True)
class Reduction:
    """How much less is done than in the pipeline, for the sake of time.

    `folds` of the linear models and of the fusion, `epochs` of the transformer, `copies` of the trees; `iterations` of
    the trees and `messages` that the transformer of a fold learns from are not reduced where they are `None`;
    `bfloat16`: see `FineTuneOptions`.
    """

    folds: int
    epochs: int
    copies: int
    iterations: int | None = None
    messages: int | None = None
    bfloat16: bool = False


class Fitting:
    """Fits the models of `params` to rows of messages whose hidden states are at hand; reduced as `unseen` says."""

    def __init__(self, data: Research, params: Params, reduction: Reduction | None = None) -> None:
        self.mail, self.hidden, self.names, self.params = data.messages, data.hidden, data.names, params
        self.directions = directions(params)
        self.texts = learns_text(data.messages.frame, params)
        self.reduction = reduction or params.options(Reduction, "unseen")
        self.folder: Path = backbone_folder(params)
        options = params.options(FineTuneOptions, "transformer")
        self.tuning = replace(options, epochs=self.reduction.epochs, bfloat16=self.reduction.bfloat16)
        self.linear = {name: params.options(LinearOptions, "linear", v) for name, v in params["linear"].items()}

    @cached_property
    def bags(self) -> dict[str, Bag]:
        """Every message as each linear model reads it."""
        tokens = self.mail.frame["tokens"]
        return {name: bag_of(tokens, options) for name, options in self.linear.items()}

    def run(self, train: Indices, test: Indices, report: Report) -> Scores:
        """Learn from `train`, judge `test`."""
        return self.scores(self.parts(train, test, report), train)

    def parts(self, train: Indices, test: Indices, report: Report) -> Parts:
        """What each part learns from `train` and says of `test`: all of the work."""
        words, tuned = self._linear(train, test), self._transformer(train, test, report)
        texts, texts_of_test = np.hstack([words[0], tuned[0]]), np.hstack([words[1], tuned[1]])
        inputs = Inputs(
            vectors=self.mail.vectors[train],
            blind=self.mail.blind[train],
            texts=texts,
            twins=~self.texts[train],
            disguised=~self.mail.genuine[train],
            directions=self.directions,
        )
        target, clusters, options = self.mail.target[train], self.mail.clusters[train], self._fusion_options()
        fusion, out = fit_fusion(inputs, target, clusters, options, self.params.seed, report)
        signatures = self._signatures(train, test)
        return Parts(
            np.hstack([out, signatures[0]]),
            np.hstack([fusion.parts(self.mail.vectors[test], texts_of_test), signatures[1]]),
        )

    def scores(self, parts: Parts, train: Indices) -> Scores:
        """What the parts of a model that learned from `train` come to: a vote, and probabilities."""
        transformer = len(self.linear)
        columns = {"transformer": transformer, "baseline": 0, "signatures": parts.learned.shape[1] - 1}
        learned, fused = self.fused(parts, train, self._fusion_options())
        judged = {"fused": fused}
        for name, at in columns.items():
            judged[name] = self._calibrated((parts.learned[:, at : at + 1], parts.judged[:, at : at + 1]), train)[1]
        return Scores(judged, learned)

    def fused(self, parts: Parts, train: Indices, options: FusionOptions) -> tuple[Floats, Floats]:
        """Probabilities out of fold of `train`, and of the rows judged, by the votes of `options`."""
        learned, judged = parts.learned[:, :-1], parts.judged[:, :-1]
        scales, votes = scales_of(learned), Votes.of(len(self.linear) + 1, True, options)
        return self._calibrated((combine(learned, scales, votes), combine(judged, scales, votes)), train)

    def _calibrated(self, logits: tuple[Floats, Floats], train: Indices) -> tuple[Floats, Floats]:
        sent = self.mail.genuine[train]
        calibrator = fit_calibrator(logits[0][sent], self.mail.target[train][sent])
        learned, judged = (calibrator.probabilities(part)[:, 1] for part in logits)
        return learned, judged

    def _fusion_options(self) -> FusionOptions:
        options, reduced = self.params.options(FusionOptions, "fusion"), self.reduction
        iterations = options.iterations if reduced.iterations is None else reduced.iterations
        return replace(options, folds=reduced.folds, copies=reduced.copies, iterations=iterations)

    def _linear(self, train: Indices, test: Indices) -> tuple[Floats, Floats]:
        """All linear models: out of fold of `train`, and of `test`."""

        def learned_and_judged(name: str) -> tuple[Floats, Floats]:
            out = self._out_of_fold(train, lambda fit, held: self._linear_logits(name, train[fit], train[held]))
            return out, self._linear_logits(name, train, test)

        learned, judged = zip(*threaded(learned_and_judged, self.linear), strict=True)
        return np.hstack(learned), np.hstack(judged)

    def _linear_logits(self, name: str, fit: Indices, rows: Indices) -> Floats:
        fit = fit[self.texts[fit]]
        model = fit_linear_of(self.bags[name], fit, self.mail.target[fit], self.linear[name], self.params.seed)
        return model.logits(rows)

    def _out_of_fold(self, rows: Indices, run: Callable[[Indices, Indices], Floats]) -> Floats:
        folds = cluster_folds(self.mail.target[rows], self.mail.clusters[rows], self.reduction.folds, self.params.seed)
        return out_of_fold(run, list(folds), len(rows))

    def _transformer(self, train: Indices, test: Indices, report: Report) -> tuple[Floats, Floats]:
        """One model a fold, as in the pipeline, each from a bounded draw of its messages; their mean judges."""
        most, generator = self.reduction.messages, np.random.default_rng(self.params.seed)
        judged: list[Floats] = []

        def fit_and_score(fit: Indices, held_out: Indices) -> Floats:
            some = generator.permutation(train[fit][self.texts[train[fit]]])[:most]
            model = fine_tune(self.folder, self.hidden, some, self.mail.target, self.tuning, self.params.seed, report)
            judged.append(predict(model, self.hidden, test))
            return predict(model, self.hidden, train[held_out])

        mail, seed = self.mail, self.params.seed
        folds = corpus_folds(mail.target[train], mail.corpora[train], mail.clusters[train], 2, seed)
        learned = out_of_fold(fit_and_score, folds, len(train))
        return learned, np.mean(judged, axis=0)

    def _signatures(self, train: Indices, test: Indices) -> tuple[Floats, Floats]:
        """A logistic regression over findings alone."""
        from sklearn.linear_model import LogisticRegression

        columns = [index for index, name in enumerate(self.names) if name.startswith("signature.")]
        vectors, target = self.mail.vectors[:, columns], self.mail.target

        def fit_and_score(fit: Indices, rows: Indices) -> Floats:
            fitted: Any = LogisticRegression(max_iter=1_000).fit(vectors[fit], target[fit])
            return np.asarray(fitted.decision_function(vectors[rows]))[:, None]

        learned = self._out_of_fold(train, lambda fit, held: fit_and_score(train[fit], train[held]))
        return learned, fit_and_score(train, test)
