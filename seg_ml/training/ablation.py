"""Stage `ablation`: the model with parts of what it sees, and with shares of what it learns from; all out of fold."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seg_ml.domain.errors import ConfigError
from seg_ml.evaluation.ablation import ALL, EVERY, WITHOUT_TEXT, write_ablation
from seg_ml.evaluation.figures import key_of
from seg_ml.evaluation.markdown import share
from seg_ml.evaluation.settings import settings_from
from seg_ml.models.calibration import fit_calibrator
from seg_ml.models.folds import Indices, cluster_folds, out_of_fold
from seg_ml.models.fusion import Fusion, FusionOptions, Inputs, fit_alone, fit_fusion
from seg_ml.training import paths
from seg_ml.training.cached import fusion_inputs
from seg_ml.training.development import Development, development
from seg_ml.training.params import Params
from seg_ml.training.progress import StageProgress, console, progress

Floats = NDArray[np.float64]
_KEPT = ["sha256", "corpus", "label", "cluster"]
_LEAST_FOLDS = 2


@dataclass(frozen=True)
class AblationOptions:
    """`iterations` of the trees, which need not be as many as the model's to be compared; `folds`, `resamples`.

    `shares`, in (0, 1], are of the campaigns that a fold learns from; the last is 1. `identity_blocks` and
    `identity_signatures` are what the part `identity` sees.
    """

    iterations: int
    folds: int
    resamples: int
    shares: list[float]
    identity_blocks: list[str]
    identity_signatures: list[str]


def evaluate_ablation(params: Params) -> None:
    """Write `ablation.json`, `ablation.md` and pictures into the evaluation's folder."""
    options = params.options(AblationOptions, "ablation")
    if not options.shares or options.shares[-1] != 1.0 or min(options.shares) <= 0.0:
        raise ConfigError(f"{params.path}: ablation.shares must lie above 0 and end with 1.0")
    data = development()
    with progress() as report:
        ablation = _Ablation(data, fusion_inputs(params, data), params, options, report)
        curve = [ablation.learned_from(value) for value in options.shares]
        variants = [*ablation.parts(), curve[-1]]
    settings = replace(settings_from(params["evaluation"]), resamples=options.resamples)
    figures = write_ablation(pd.concat(variants), pd.concat(curve), settings, paths.EVALUATION)
    for name, corpora in figures["parts"].items():
        recall = share(corpora[EVERY][key_of(settings.rate)]["figure"])
        console.print(f"  {name}: recall {recall}, AUC {corpora[EVERY]['auc']:.3f}", highlight=False)


class _Ablation:
    def __init__(
        self, data: Development, inputs: Inputs, params: Params, options: AblationOptions, report: StageProgress
    ) -> None:
        self.data, self.inputs, self.report, self.seed = data, inputs, report, params.seed
        # Two folds inside of each are enough to put the parts on one scale.
        self.options = replace(
            params.options(FusionOptions, "fusion"), iterations=options.iterations, copies=1, folds=_LEAST_FOLDS
        )
        self.columns = _columns(options)
        self.folds = list(cluster_folds(data.target, data.clusters, options.folds, params.seed + 1))

    def parts(self) -> Iterator[pd.DataFrame]:
        """Scores of what sees only a part; that of features without text is the curve's last."""
        texts = self.inputs.texts
        yield self._scores("text: linear models", self._texts(texts[:, :-1]))
        yield self._scores("text: transformer", self._texts(texts[:, -1:]))
        yield self._scores("text: both", self._texts(texts))
        for name, chosen in self.columns.items():
            yield self._scores(name, self._alone(self.inputs.columns(chosen), name))

    def learned_from(self, part: float) -> pd.DataFrame:
        """Scores of the whole model and of features alone, in a row, learned from a share of the campaigns."""
        logits = self._fused(self.inputs, part, f"{part:.0%} of the campaigns")
        some = [self._some(fit, part) for fit, _ in self.folds]
        facts = {
            "share": part,
            "campaigns": round(np.mean([len(np.unique(self.data.clusters[rows])) for rows in some])),
            "messages": round(np.mean([self.data.genuine[rows].sum() for rows in some])),
        }
        models = [(WITHOUT_TEXT, logits[:, 0]), (ALL, logits[:, 1])]
        return pd.concat([self._scores(name, values).assign(**facts) for name, values in models])

    def _fused(self, inputs: Inputs, part: float, name: str) -> Floats:
        """Logits (n, 2) of trees over the vectors alone, and of the fusion."""
        done = iter(range(1, len(self.folds) + 1))

        def fit_and_score(fit: Indices, held_out: Indices) -> Floats:
            rows, judged = self._some(fit, part), inputs.rows(held_out)
            target, clusters = self.data.target[rows], self.data.clusters[rows]
            fusion, _ = fit_fusion(inputs.rows(rows), target, clusters, self.options, self.seed)
            self.report(name, next(done), len(self.folds))
            return _alone_and_fused(fusion, judged)

        return out_of_fold(fit_and_score, self.folds, len(self.data.target))

    def _alone(self, inputs: Inputs, name: str) -> Floats:
        """Logits (n,) of trees over the vectors alone."""
        options = replace(self.options, folds=len(self.folds))
        grown = fit_alone(
            inputs, self.data.target, self.data.clusters, options, self.seed,
            lambda _, done, total: self.report(name, done, total),
        )  # fmt: skip
        return grown.logits[:, 0]

    def _some(self, fit: Indices, part: float) -> Indices:
        """Rows of a share of the campaigns among `fit`; a larger share holds the smaller ones."""
        campaigns = np.random.default_rng(self.seed).permutation(np.unique(self.data.clusters[fit]))
        kept = campaigns[: max(1, round(part * len(campaigns)))]
        return fit[np.isin(self.data.clusters[fit], kept)]

    def _texts(self, logits: Floats) -> Floats:
        """A logistic regression over text models' out-of-fold logits, learned on messages that were sent."""

        def fit_and_score(fit: Indices, held_out: Indices) -> Floats:
            sent = fit[self.data.genuine[fit]]
            joined = fit_calibrator(logits[sent], self.data.target[sent])
            return logits[held_out] @ joined.matrix[1:].T + joined.offset[1:]

        return out_of_fold(fit_and_score, self.folds, len(self.data.target))[:, 0]

    def _scores(self, model: str, logits: Floats) -> pd.DataFrame:
        """Calibrated scores of the messages that were sent."""
        sent = self.data.genuine
        calibrator = fit_calibrator(logits[sent, None], self.data.target[sent])
        threat = calibrator.probabilities(logits[sent, None])[:, 1]
        return self.data.frame.loc[sent, _KEPT].assign(model=model, threat=threat)


def _alone_and_fused(fusion: Fusion, inputs: Inputs) -> Floats:
    parts = fusion.parts(inputs.vectors, inputs.texts)
    return np.hstack([parts[:, -2:-1], fusion.joined(parts)])


def _columns(options: AblationOptions) -> dict[str, Sequence[int]]:
    """Columns of the vectors that each part sees.

    Raises:
        ConfigError: a block or signature of `ablation` is not among those in use.
    """
    names: list[Any] = json.loads((paths.FEATURES / "schema.json").read_text(encoding="utf-8"))["names"]
    signatures = [index for index, name in enumerate(names) if name.startswith("signature.")]
    identity: list[int] = []
    for prefix in [f"{block}." for block in options.identity_blocks]:
        identity += _present([i for i, name in enumerate(names) if name.startswith(prefix)], prefix)
    for wanted in [f"signature.{name}" for name in options.identity_signatures]:
        identity += _present([i for i, name in enumerate(names) if name == wanted], wanted)
    return {"signatures": signatures, "identity": sorted(identity)}


def _present(found: list[int], name: str) -> list[int]:
    if not found:
        raise ConfigError(f"params.yaml: ablation: no column {name!r}; data/features/schema.json names those there are")
    return found
