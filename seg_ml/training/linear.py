"""Stage `linear`: the linear models over words, with out-of-fold logits for the fusion."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seg_ml.models.bag import Bag
from seg_ml.models.calibration import fit_calibrator
from seg_ml.models.folds import Indices, cluster_folds, out_of_fold
from seg_ml.models.linear import LinearOptions, bag_of, fit_linear_of
from seg_ml.training import paths
from seg_ml.training.development import development, learns_text
from seg_ml.training.params import Params
from seg_ml.training.progress import progress


def train_linear(params: Params) -> None:
    """Write each model of `linear:`, `oof.npz` (one array of logits a model) and the baseline's calibration."""
    data = development()
    paths.LINEAR.mkdir(parents=True, exist_ok=True)
    texts = learns_text(data.frame, params)
    every = np.flatnonzero(texts)
    folds = [
        (fit[texts[fit]], held_out)
        for fit, held_out in cluster_folds(data.target, data.clusters, int(params["linear_folds"]), params.seed)
    ]
    logits: dict[str, NDArray[np.float64]] = {}
    with progress() as report:
        sections: dict[str, Any] = params["linear"]
        for done, (name, values) in enumerate(sections.items(), start=1):
            options = params.options(LinearOptions, "linear", values)
            bag = bag_of(data.frame["tokens"], options)
            logits[name] = _out_of_fold(bag, data.target, options, folds, params.seed)
            fit_linear_of(bag, every, data.target[every], options, params.seed).model().save(paths.LINEAR, name)
            report("linear models", done, len(sections))
    np.savez(paths.LINEAR / "oof.npz", allow_pickle=False, **logits)
    calibrator = fit_calibrator(next(iter(logits.values()))[data.genuine], data.target[data.genuine])
    (paths.LINEAR / "calibration.json").write_text(json.dumps(calibrator.to_json()), encoding="utf-8")


def _out_of_fold(
    bag: Bag, target: Indices, options: LinearOptions, folds: list[tuple[Indices, Indices]], seed: int
) -> NDArray[np.float64]:
    def fit_and_score(fit: Indices, held_out: Indices) -> NDArray[np.float64]:
        return fit_linear_of(bag, fit, target[fit], options, seed).logits(held_out)

    return out_of_fold(fit_and_score, folds, len(target))
