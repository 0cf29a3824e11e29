"""What the transformer need not read: the early model, its margins, and what they cost, measured out of fold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seg_ml.domain.errors import ConfigError
from seg_ml.evaluation.metrics import at_rate, threshold_at
from seg_ml.models.calibration import fit_calibrator
from seg_ml.models.cascade import EVEN, Early, Margins, Strictness, choose_margins, differing
from seg_ml.models.folds import cluster_folds
from seg_ml.models.fusion import Alone, FusionOptions, Inputs, fit_fusion
from seg_ml.training.development import Development
from seg_ml.training.params import Params

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CascadeOptions(Strictness):
    """`use`: auto, always or never. `loss`: largest loss of recall, at each of the evaluation's rates, for `auto`.

    `folds`: margins are measured on campaigns that did not choose them, in as many turns.
    """

    use: str = "auto"
    loss: float = 0.002
    folds: int = 5


@dataclass(frozen=True)
class Cascade:
    """An early model that is in use or not, its measured `price`, and what the whole says out of fold, shape (n, 2)."""

    early: Early
    used: bool
    price: dict[str, Any]
    out_of_fold: Floats


def cascade_options(params: Params) -> CascadeOptions:
    """Section `cascade`.

    Raises:
        ConfigError: `cascade.use` is none of auto, always, never.
    """
    options = params.options(CascadeOptions, "cascade")
    if options.use not in ("auto", "always", "never"):
        raise ConfigError(f"{params.path}: cascade.use {options.use!r}: write auto, always or never")
    return options


def fit_cascade(
    params: Params,
    data: Development,
    inputs: Inputs,
    full: Floats,
    report: Callable[[str, int, int], None],
    alone: Alone,
) -> Cascade:
    """The same model without the transformer's logit, and the margins beyond which it is enough.

    `inputs` are of all messages; `full` (sent messages, 2) are the fused model's out-of-fold probabilities, `alone` is
    its part without texts.
    """
    options, rates, sent = cascade_options(params), params["evaluation"]["rates"], data.genuine
    before = inputs.linear()
    fusion_options = params.options(FusionOptions, "fusion")
    fusion, parts = fit_fusion(before, data.target, data.clusters, fusion_options, params.seed, report, alone)
    logits = fusion.joined(parts)
    calibrator = fit_calibrator(logits[sent], data.target[sent])
    early, threat = calibrator.probabilities(logits[sent]), data.threat[sent]
    thresholds = [EVEN, *(threshold_at(threat, full[:, 1], rate) for rate in rates)]

    def margins_of(rows: NDArray[Any]) -> Margins:
        return choose_margins(early[rows, 1], full[rows, 1], threat[rows], thresholds, options)

    settled = np.zeros(len(threat), bool)
    for rest, held_out in cluster_folds(data.target[sent], data.clusters[sent], options.folds, params.seed):
        settled[held_out] = margins_of(rest).settle(early[held_out, 1])
    both = np.where(settled[:, None], early, full)
    price = _price(threat, full[:, 1], both[:, 1], settled, thresholds, rates)
    used = options.use == "always" or max(price["recall_lost"].values()) <= options.loss
    every = Early(fusion, calibrator, margins_of(np.arange(len(threat))))
    return Cascade(every, used, {"used": used, **asdict(every.margins), **price}, both if used else full)


def _price(
    threat: NDArray[np.bool_],
    full: Floats,
    both: Floats,
    settled: NDArray[np.bool_],
    thresholds: Sequence[float],
    rates: Sequence[float],
) -> dict[str, Any]:
    lost = {str(rate): at_rate(threat, full, rate).recall - at_rate(threat, both, rate).recall for rate in rates}
    return {
        "messages": len(threat),
        "settled": float(settled.mean()),
        "settled_of_wanted": float(settled[~threat].mean()),
        "settled_of_unwanted": float(settled[threat].mean()),
        "disagreement": float(differing(both, full, thresholds).mean()),
        "recall_lost": {rate: round(loss, 6) for rate, loss in lost.items()},
    }
