"""Stage `fusion`: findings, numeric features and what the text models say, in one calibrated model; the artifact."""

from __future__ import annotations

import json
import shutil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seg_ml.artifact.manifest import Manifest
from seg_ml.artifact.model import CALIBRATION, GRAPH, TOKENIZER, TREES
from seg_ml.domain.verdict import Label
from seg_ml.models.calibration import fit_calibrator
from seg_ml.models.folds import Indices, cluster_folds, out_of_fold
from seg_ml.models.trees import TreeOptions, fit_trees
from seg_ml.training import paths
from seg_ml.training.development import Development, development
from seg_ml.training.lineage import training_facts
from seg_ml.training.params import Params
from seg_ml.training.precision import choose_precision
from seg_ml.training.progress import progress


def train_fusion(params: Params) -> None:
    """Write the artifact, and `oof.npy` with the fused out-of-fold probabilities of the development messages."""
    data = development()
    linear = np.load(paths.LINEAR / "oof.npz")
    names = tuple(params["linear"])
    inputs = np.hstack([data.vectors, *(linear[name] for name in names), np.load(paths.TRANSFORMER / "oof.npy")])
    options = params.options(TreeOptions, "fusion")
    with progress() as report:
        logits = _out_of_fold(inputs, data, options, params, report)
        trees = fit_trees(inputs, data.target, options, params.seed)
    calibrator = fit_calibrator(logits, data.target)
    _fresh_artifact()
    trees.save(paths.ARTIFACT / TREES)
    np.save(paths.FUSED_OOF, calibrator.probabilities(logits))
    _assemble(params, data, names, calibrator.to_json())


def _out_of_fold(
    inputs: NDArray[np.float64], data: Development, options: TreeOptions, params: Params, report: Any
) -> NDArray[np.float64]:
    count = int(params["fusion"]["folds"])
    folds = list(cluster_folds(data.target, data.clusters, count, params.seed + 1))
    done = iter(range(1, count + 1))

    def fit_and_score(fit: Indices, held_out: Indices) -> NDArray[np.float64]:
        scores = fit_trees(inputs[fit], data.target[fit], options, params.seed).logits(inputs[held_out])
        report("fusion folds", next(done), count)
        return scores

    return out_of_fold(fit_and_score, folds, len(data.target))


def _fresh_artifact() -> None:
    if paths.ARTIFACT.exists():
        shutil.rmtree(paths.ARTIFACT)
    paths.ARTIFACT.mkdir(parents=True)


def _assemble(params: Params, data: Development, names: tuple[str, ...], fused: dict[str, Any]) -> None:
    folder, section = paths.ARTIFACT, params["transformer"]
    for name in names:
        for suffix in ("json", "safetensors"):
            shutil.copyfile(paths.LINEAR / f"{name}.{suffix}", folder / f"{name}.{suffix}")
    shutil.copyfile(paths.TRANSFORMER / "tokenizer.json", folder / TOKENIZER)
    precision, parity = choose_precision(params, data)
    shutil.copyfile(paths.TRANSFORMER / f"encoder.{precision}.onnx", folder / GRAPH)
    calibration = {
        "fused": fused,
        "baseline": json.loads((paths.LINEAR / "calibration.json").read_text(encoding="utf-8")),
        "transformer": json.loads((paths.TRANSFORMER / "calibration.json").read_text(encoding="utf-8")),
    }
    (folder / CALIBRATION).write_text(json.dumps(calibration) + "\n", encoding="utf-8")
    schema = json.loads((paths.FEATURES / "schema.json").read_text(encoding="utf-8"))
    training = training_facts(params, data)
    Manifest(
        labels=data.labels,
        absent_labels=tuple(label.value for label in Label if label.value not in data.labels),
        signatures=tuple(schema["signatures"].items()),
        features=tuple((name, version) for name, version in schema["features"].items()),
        linear=names,
        subwords={"head": section["head"], "tail": section["tail"]},
        precision=precision,
        shippable=bool(training["shippable"]),
        training={**training, "precision_parity": parity},
    ).write(folder)
