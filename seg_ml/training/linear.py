"""Stage `linear`: the linear models over words, with out-of-fold logits for the fusion."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seg_ml.models.calibration import fit_calibrator
from seg_ml.models.folds import Indices, cluster_folds, out_of_fold, out_of_source
from seg_ml.models.linear import LinearOptions, LinearText, fit_linear
from seg_ml.training import paths
from seg_ml.training.development import Development, development, learns_text
from seg_ml.training.params import Params
from seg_ml.training.progress import progress


def train_linear(params: Params) -> None:
    """Write each model of `linear:`, the baseline's calibration, and logits, one array a model.

    `oof.npz` holds those of models that never saw a message's campaign, `abroad.npz` of such as never saw its corpus.
    """
    data = development()
    paths.LINEAR.mkdir(parents=True, exist_ok=True)
    texts = learns_text(data.frame, params)
    folds = list(cluster_folds(data.target, data.clusters, int(params["linear_folds"]), params.seed))
    logits: dict[str, NDArray[np.float64]] = {}
    abroad: dict[str, NDArray[np.float64]] = {}
    with progress() as report:
        sections: dict[str, Any] = params["linear"]
        for done, (name, values) in enumerate(sections.items(), start=1):
            options = params.options(LinearOptions, "linear", values)
            run = _Run(data, options, texts, params.seed)
            logits[name] = out_of_fold(run.fit_and_score, folds, len(data.target))
            abroad[name] = out_of_source(run.fit_and_score, data.target, data.corpora, logits[name])
            run.fit(np.arange(len(texts))).save(paths.LINEAR, name)
            report("linear models", done, len(sections))
    np.savez(paths.LINEAR / "oof.npz", allow_pickle=False, **logits)
    np.savez(paths.LINEAR / "abroad.npz", allow_pickle=False, **abroad)
    calibrator = fit_calibrator(next(iter(logits.values()))[data.genuine], data.target[data.genuine])
    (paths.LINEAR / "calibration.json").write_text(json.dumps(calibrator.to_json()), encoding="utf-8")


@dataclass(frozen=True)
class _Run:
    """One kind of linear model, fitted to several subsets of the messages; `texts`: which it may learn from."""

    data: Development
    options: LinearOptions
    texts: NDArray[np.bool_]
    seed: int

    def fit(self, rows: Indices) -> LinearText:
        """A model of these messages."""
        rows = rows[self.texts[rows]]
        return fit_linear([self.data.tokens[row] for row in rows], self.data.target[rows], self.options, self.seed)

    def fit_and_score(self, fit: Indices, held_out: Indices) -> NDArray[np.float64]:
        """Logits of some messages by a model of others."""
        return self.fit(fit).logits([self.data.tokens[row] for row in held_out])
