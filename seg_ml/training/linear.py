"""Stage `linear`: the linear models over words, with out-of-fold logits for the fusion."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seg_ml.models.calibration import fit_calibrator
from seg_ml.models.folds import Indices, cluster_folds, out_of_fold
from seg_ml.models.linear import LinearOptions, LinearText, fit_linear
from seg_ml.training import paths
from seg_ml.training.development import Development, development, learns_text
from seg_ml.training.params import Params
from seg_ml.training.progress import progress


def train_linear(params: Params) -> None:
    """Write each model of `linear:`, `oof.npz` (one array of logits a model) and the baseline's calibration."""
    data = development()
    paths.LINEAR.mkdir(parents=True, exist_ok=True)
    texts = learns_text(data.frame, params)
    folds = [
        (fit[texts[fit]], held_out)
        for fit, held_out in cluster_folds(data.target, data.clusters, int(params["linear_folds"]), params.seed)
    ]
    logits: dict[str, NDArray[np.float64]] = {}
    with progress() as report:
        sections: dict[str, Any] = params["linear"]
        for done, (name, values) in enumerate(sections.items(), start=1):
            options = params.options(LinearOptions, "linear", values)
            logits[name] = _out_of_fold(data, options, folds, params.seed)
            _fit(data, options, np.flatnonzero(texts), params.seed).save(paths.LINEAR, name)
            report("linear models", done, len(sections))
    np.savez(paths.LINEAR / "oof.npz", allow_pickle=False, **logits)
    calibrator = fit_calibrator(next(iter(logits.values()))[data.genuine], data.target[data.genuine])
    (paths.LINEAR / "calibration.json").write_text(json.dumps(calibrator.to_json()), encoding="utf-8")


def _fit(data: Development, options: LinearOptions, rows: Indices, seed: int) -> LinearText:
    tokens = data.tokens
    return fit_linear([tokens[row] for row in rows], data.target[rows], options, seed)


def _out_of_fold(
    data: Development, options: LinearOptions, folds: list[tuple[Indices, Indices]], seed: int
) -> NDArray[np.float64]:
    tokens = data.tokens

    def fit_and_score(fit: Indices, held_out: Indices) -> NDArray[np.float64]:
        model = fit_linear([tokens[row] for row in fit], data.target[fit], options, seed)
        return model.logits([tokens[row] for row in held_out])

    return out_of_fold(fit_and_score, folds, len(data.target))
