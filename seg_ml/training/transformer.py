"""Stages `encode` and `transformer`: hidden states once, then the upper layers, then ONNX."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seg_ml.models.calibration import fit_calibrator
from seg_ml.models.export import export_onnx, quantize
from seg_ml.models.folds import Folds, Indices, corpus_folds, out_of_fold
from seg_ml.models.transformer import (
    FineTuneOptions,
    HiddenStates,
    UpperLayers,
    fine_tune,
    load_backbone,
    lower_states,
    predict,
)
from seg_ml.text.subwords import Subwords
from seg_ml.training import paths
from seg_ml.training.backbone import made_backbone, make_backbone
from seg_ml.training.development import development, learns_text
from seg_ml.training.params import Params
from seg_ml.training.progress import StageProgress, progress


def encode(params: Params) -> None:
    """Write the development messages' hidden states below the layers that will learn, and a trimmed backbone if any."""
    section = params["transformer"]
    texts = development().frame["text"].to_list()
    paths.HIDDEN.mkdir(parents=True, exist_ok=True)
    folder = make_backbone(params, texts)
    subwords = Subwords(folder / "tokenizer.json", section["head"], section["tail"])
    ids = [subwords.ids(text) for text in texts]
    with progress() as report:
        hidden = lower_states(load_backbone(folder), ids, section["upper_layers"], report)
    np.save(paths.HIDDEN / "states.npy", hidden.flat)
    np.save(paths.HIDDEN / "offsets.npy", hidden.offsets)


def train_transformer(params: Params) -> None:
    """Write `encoder.fp32.onnx`, `encoder.int8.onnx`, the tokenizer, out-of-fold logits and a calibration."""
    section = params["transformer"]
    folder = made_backbone(params)
    options = params.options(FineTuneOptions, "transformer")
    hidden = HiddenStates(np.load(paths.HIDDEN / "states.npy"), np.load(paths.HIDDEN / "offsets.npy"))
    data = development()
    with progress() as report:
        run = _Run(folder, hidden, data.target, learns_text(data.frame, params), options, params.seed, report)
        folds = corpus_folds(data.target, data.corpora, data.clusters, int(section["folds"]), params.seed)
        logits, tuned = run.out_of_fold(folds)
    paths.TRANSFORMER.mkdir(parents=True, exist_ok=True)
    np.save(paths.TRANSFORMER / "oof.npy", logits)
    calibration = json.dumps(fit_calibrator(logits[data.genuine], data.target[data.genuine]).to_json())
    (paths.TRANSFORMER / "calibration.json").write_text(calibration, encoding="utf-8")
    shutil.copyfile(folder / "tokenizer.json", paths.TRANSFORMER / "tokenizer.json")
    export_onnx(folder, tuned, paths.TRANSFORMER / "encoder.fp32.onnx")
    quantize(paths.TRANSFORMER / "encoder.fp32.onnx", paths.TRANSFORMER / "encoder.int8.onnx")


@dataclass(frozen=True)
class _Run:
    """One fine-tuning set-up, run on several subsets of the messages."""

    folder: Path
    hidden: HiddenStates
    target: NDArray[np.intp]
    texts: NDArray[np.bool_]
    options: FineTuneOptions
    seed: int
    report: StageProgress

    def tune(self, rows: Indices, name: str) -> UpperLayers:
        def report(what: str, done: int, total: int) -> None:
            self.report(f"{what} on {name}", done, total)

        return fine_tune(self.folder, self.hidden, rows[self.texts[rows]], self.target, self.options, self.seed, report)

    def out_of_fold(self, folds: Folds) -> tuple[NDArray[np.float64], list[UpperLayers]]:
        """Logits of each message by a model that saw nothing of what its fold holds out, and the models; all serve."""
        tuned: list[UpperLayers] = []

        def fit_and_score(fit: Indices, held_out: Indices) -> NDArray[np.float64]:
            tuned.append(self.tune(fit, f"fold {len(tuned) + 1} of {len(folds)}"))
            return predict(tuned[-1], self.hidden, held_out)

        return out_of_fold(fit_and_score, folds, len(self.target)), tuned
