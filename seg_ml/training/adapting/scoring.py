"""What a finished model says of messages, in processes of their own."""

from __future__ import annotations

import time
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seg_ml.artifact.model import MailModel
from seg_ml.compute.executor import spread
from seg_ml.corpora.requests import score_requests
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.verdict import WANTED
from seg_ml.models.correction import Correction, log_odds
from seg_ml.training.progress import StageProgress


def scored(frame: pd.DataFrame, artifact: Path, report: StageProgress, what: str) -> pd.DataFrame:
    """Prepared messages with what a model says of them, read as serving reads them.

    Columns: `before` (probability of being unwanted, as served), `odds` (log-odds of it without a correction),
    `baseline` and `transformer` (probabilities of these alone), `tokens`, `html`, `milliseconds`.
    """
    requests = score_requests(frame)
    rows = list(report.over(what, spread(partial(_row, artifact), requests, chunk=16), len(requests)))
    said = pd.DataFrame(rows, columns=["before", "odds", "baseline", "transformer", "tokens", "html", "milliseconds"])
    return pd.concat([frame.reset_index(drop=True), said], axis=1)


def _row(artifact: Path, request: ScoreRequest) -> list[Any]:
    model, correction = _model(artifact)
    start = time.perf_counter()
    parts = model.components(request)
    milliseconds = (time.perf_counter() - start) * 1000.0
    tokens = model.reader.read(request).tokens
    wanted = np.array([label in WANTED for label in model.labels])
    fused, linear, transformer = (_threat(part, wanted) for part in (parts.fused, parts.linear, parts.transformer))
    odds = float(log_odds(fused[None, :])[0]) - (correction.moved([tokens])[0] if correction else 0.0)
    html = b"<html" in request.raw[:200_000].lower()
    return [fused[1], odds, linear[1], transformer[1], tokens, html, milliseconds]


def _threat(probabilities: NDArray[np.float64], wanted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Probabilities of being wanted and unwanted (2,) from those of the labels."""
    return np.array([probabilities[wanted].sum(), probabilities[~wanted].sum()])


@lru_cache(maxsize=1)
def _model(artifact: Path) -> tuple[MailModel, Correction | None]:
    model = MailModel.load(artifact)
    limit = model.manifest.correction
    return model, Correction.load(artifact, limit) if limit else None
