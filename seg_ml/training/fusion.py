"""Stage `fusion`: findings, numeric features and what the text models say, in one calibrated model; the artifact."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from typing import Any

import numpy as np

from seg_ml.artifact.manifest import Manifest
from seg_ml.artifact.model import CALIBRATION, FUSION, GRAPH, TOKENIZER
from seg_ml.domain.verdict import Label
from seg_ml.models.calibration import Calibrator, fit_calibrator
from seg_ml.models.cascade import EARLY, Early
from seg_ml.models.fusion import FusionOptions, fit_alone, fit_fusion
from seg_ml.models.kinds import fit_kinds
from seg_ml.models.linear import LinearOptions
from seg_ml.training import paths
from seg_ml.training.cached import fusion_inputs
from seg_ml.training.cascade import cascade_options, fit_cascade
from seg_ml.training.development import Development, development
from seg_ml.training.lineage import training_facts
from seg_ml.training.params import Params
from seg_ml.training.precision import choose_precision
from seg_ml.training.progress import progress
from seg_ml.training.weak_labels import kind_labels


def train_fusion(params: Params) -> None:
    """Write the artifact, and `fused-oof.npy` with the out-of-fold probabilities of the messages that were sent."""
    data = development()
    inputs, sent, genuine = fusion_inputs(params, data), data.undisguised(), data.genuine
    options, cascading = params.options(FusionOptions, "fusion"), cascade_options(params).use != "never"
    with progress() as report:
        alone = fit_alone(inputs, data.target, data.clusters, options, params.seed, report)
        fusion, parts = fit_fusion(inputs, data.target, data.clusters, options, params.seed, report, alone)
        logits = fusion.joined(parts)
        calibrator = fit_calibrator(logits[genuine], sent.target)
        full = calibrator.probabilities(logits[genuine])
        cascade = fit_cascade(params, data, inputs, full, report, alone) if cascading else None
    kinds = fit_kinds(sent.tokens, kind_labels(sent.frame), params.options(LinearOptions, "kinds"), params.seed)
    np.save(paths.FUSED_OOF, cascade.out_of_fold if cascade else full)
    precision, parity = choose_precision(params, sent, fusion, inputs.texts[genuine])
    measured: dict[str, Any] = {"precision_parity": parity} | ({"cascade_price": cascade.price} if cascade else {})
    names = tuple(params["linear"])
    early = cascade.early if cascade and cascade.used else None
    _fresh_artifact()
    fusion.save(paths.ARTIFACT / FUSION)
    kinds.save(paths.ARTIFACT)
    _copy_parts(names, precision)
    _write_calibration(calibrator, early)
    _write_manifest(params, sent, names, precision, early, measured)


def _fresh_artifact() -> None:
    if paths.ARTIFACT.exists():
        shutil.rmtree(paths.ARTIFACT)
    paths.ARTIFACT.mkdir(parents=True)


def _copy_parts(names: tuple[str, ...], precision: str) -> None:
    for name in names:
        for suffix in ("json", "safetensors"):
            shutil.copyfile(paths.LINEAR / f"{name}.{suffix}", paths.ARTIFACT / f"{name}.{suffix}")
    shutil.copyfile(paths.TRANSFORMER / "tokenizer.json", paths.ARTIFACT / TOKENIZER)
    shutil.copyfile(paths.TRANSFORMER / f"encoder.{precision}.onnx", paths.ARTIFACT / GRAPH)


def _write_calibration(fused: Calibrator, early: Early | None) -> None:
    calibration = {
        "fused": fused.to_json(),
        "baseline": json.loads((paths.LINEAR / "calibration.json").read_text(encoding="utf-8")),
        "transformer": json.loads((paths.TRANSFORMER / "calibration.json").read_text(encoding="utf-8")),
    }
    if early:
        early.fusion.save(paths.ARTIFACT / EARLY)
        calibration["early"] = early.calibrator.to_json()
    (paths.ARTIFACT / CALIBRATION).write_text(json.dumps(calibration) + "\n", encoding="utf-8")


def _write_manifest(
    params: Params,
    data: Development,
    names: tuple[str, ...],
    precision: str,
    early: Early | None,
    measured: dict[str, Any],
) -> None:
    section = params["transformer"]
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
        training={**training, **measured},
        cascade=asdict(early.margins) if early else None,
    ).write(paths.ARTIFACT)
