"""Whether the model says the same with the int8 graph as with the fp32 one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seg_ml.domain.errors import ConfigError
from seg_ml.models.encoder import Encoder
from seg_ml.models.fusion import Fusion
from seg_ml.text.subwords import Subwords
from seg_ml.training import paths
from seg_ml.training.development import Development
from seg_ml.training.params import Params
from seg_ml.training.progress import progress

_SAMPLE = 600
_FALSE_POSITIVES = 0.01


def choose_precision(
    params: Params, data: Development, fusion: Fusion, texts: NDArray[np.float64]
) -> tuple[str, dict[str, float]]:
    """`int8` or `fp32`, and the measured difference of the fused score under the two on validation messages.

    `texts` (n, experts) are the text models' logits; the last one, the transformer's, is taken from either graph.

    Raises:
        ConfigError: `export.precision` is none of auto, int8, fp32.
    """
    wanted = params["export"]["precision"]
    if wanted not in ("auto", "int8", "fp32"):
        raise ConfigError(f"{params.path}: export.precision {wanted!r}: write auto, int8 or fp32")
    parity = _parity(params, data, fusion, texts)
    if wanted != "auto":
        return wanted, parity
    return ("int8" if parity["recall_loss"] <= float(params["export"]["parity"]) else "fp32"), parity


def _parity(params: Params, data: Development, fusion: Fusion, experts: NDArray[np.float64]) -> dict[str, float]:
    rows = np.flatnonzero((data.frame["split"] == "validation").to_numpy())[:_SAMPLE]
    texts, threat = [data.frame["text"].iloc[row] for row in rows], data.threat[rows]
    section = params["transformer"]
    subwords = Subwords(paths.TRANSFORMER / "tokenizer.json", section["head"], section["tail"])
    scores: dict[str, NDArray[np.float64]] = {}
    with progress() as report:
        for name in ("fp32", "int8"):
            encoder = Encoder(paths.TRANSFORMER / f"encoder.{name}.onnx", subwords)
            logits = [encoder.embed(text)[1] for text in report.over(f"{name} graph", texts, len(texts))]
            beside = np.hstack([experts[rows, :-1], np.array(logits)])
            scores[name] = fusion.logits(data.vectors[rows], beside)[:, 0]
    return {
        "recall_loss": _recall(scores["fp32"], threat) - _recall(scores["int8"], threat),
        "mean_logit_difference": float(np.mean(np.abs(scores["fp32"] - scores["int8"]))),
        "messages": float(len(texts)),
    }


def _recall(scores: NDArray[np.float64], threat: NDArray[Any]) -> float:
    ham = np.sort(scores[~threat])[::-1]
    if not len(ham) or not threat.any():
        return 0.0
    return float(np.mean(scores[threat] > ham[int(_FALSE_POSITIVES * len(ham))]))
