"""Stage `fusion`: findings, numeric features and what the text models say, in one calibrated model; the artifact."""

from __future__ import annotations

import json
import shutil
from typing import Any

import numpy as np

from seg_ml.artifact.manifest import Manifest
from seg_ml.artifact.model import CALIBRATION, FUSION, GRAPH, TOKENIZER
from seg_ml.domain.verdict import Label
from seg_ml.models.calibration import fit_calibrator
from seg_ml.models.fusion import FusionOptions, Inputs, fit_fusion
from seg_ml.models.kinds import fit_kinds
from seg_ml.models.linear import LinearOptions
from seg_ml.training import paths
from seg_ml.training.development import Development, development, learns_text
from seg_ml.training.lineage import training_facts
from seg_ml.training.params import Params
from seg_ml.training.precision import choose_precision
from seg_ml.training.progress import progress
from seg_ml.training.weak_labels import kind_labels


def train_fusion(params: Params) -> None:
    """Write the artifact, and `fused-oof.npy` with the out-of-fold probabilities of the messages that were sent."""
    data = development()
    linear = np.load(paths.LINEAR / "oof.npz")
    names = tuple(params["linear"])
    texts = np.hstack([*(linear[name] for name in names), np.load(paths.TRANSFORMER / "oof.npy")])
    options = params.options(FusionOptions, "fusion")
    with progress() as report:
        inputs = Inputs(data.vectors, data.blind, texts, ~learns_text(data.frame, params), ~data.genuine)
        fusion, logits = fit_fusion(inputs, data.target, data.clusters, options, params.seed, report)
    sent = data.undisguised()
    calibrator = fit_calibrator(logits[data.genuine], sent.target)
    kinds = fit_kinds(sent.tokens, kind_labels(sent.frame), params.options(LinearOptions, "kinds"), params.seed)
    _fresh_artifact()
    fusion.save(paths.ARTIFACT / FUSION)
    kinds.save(paths.ARTIFACT)
    np.save(paths.FUSED_OOF, calibrator.probabilities(logits[data.genuine]))
    precision = choose_precision(params, sent, fusion, texts[data.genuine])
    _assemble(params, sent, names, calibrator.to_json(), precision)


def _fresh_artifact() -> None:
    if paths.ARTIFACT.exists():
        shutil.rmtree(paths.ARTIFACT)
    paths.ARTIFACT.mkdir(parents=True)


def _assemble(
    params: Params,
    data: Development,
    names: tuple[str, ...],
    fused: dict[str, Any],
    chosen: tuple[str, dict[str, float]],
) -> None:
    folder, section = paths.ARTIFACT, params["transformer"]
    for name in names:
        for suffix in ("json", "safetensors"):
            shutil.copyfile(paths.LINEAR / f"{name}.{suffix}", folder / f"{name}.{suffix}")
    shutil.copyfile(paths.TRANSFORMER / "tokenizer.json", folder / TOKENIZER)
    precision, parity = chosen
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
