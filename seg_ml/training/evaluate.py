"""Stage `evaluate`: the test split scored as serving scores it, and what that says."""

from __future__ import annotations

import json
import time
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seg_ml.artifact.manifest import Manifest
from seg_ml.artifact.model import MailModel
from seg_ml.compute.executor import spread
from seg_ml.corpora.requests import score_requests
from seg_ml.corpora.schema import read_prepared
from seg_ml.corpora.split import read_splits
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.verdict import WANTED
from seg_ml.evaluation.champion import CHAMPION
from seg_ml.evaluation.genres import genres
from seg_ml.evaluation.label_errors import listed
from seg_ml.evaluation.report import evaluate
from seg_ml.evaluation.scores import checked
from seg_ml.evaluation.shortcuts import shortcut_scores
from seg_ml.training import paths
from seg_ml.training.development import development, messages_with_split
from seg_ml.training.params import Params
from seg_ml.training.progress import console, progress

_TIMED = 4  # one message in so many is scored once more as serving scores it, by the clock and with no other beside it
_MODELS = ("fused", "baseline", "transformer")
_KEPT = ["sha256", "split", "corpus", "kind", "label", "cluster", "language", "year", "size"]


def evaluate_model(params: Params) -> None:
    """Write `scores.parquet` (long form), `metrics.json`, `report.md`, the plots and `label-errors.csv`."""
    frame = messages_with_split()
    test = _test_split(frame)
    rows = _score(score_requests(test), paths.ARTIFACT)
    labels = Manifest.read(paths.ARTIFACT).labels
    about = test[_KEPT].assign(genre=genres(test), html=[row["html"] for row in rows])
    parts = [_long(about, name, np.array([row[name] for row in rows]), labels) for name in _MODELS]
    parts[0]["milliseconds"] = [row["milliseconds"] for row in rows]
    parts[0]["representation"] = [row["features"].astype(np.float32) for row in rows]
    parts.append(_signatures_only(about, np.array([row["features"] for row in rows])))
    held_out = _out_of_fold(frame)
    parts.append(held_out)
    parts.append(_shortcuts())
    scores = checked(pd.concat(parts, ignore_index=True))
    paths.EVALUATION.mkdir(parents=True, exist_ok=True)
    scores.to_parquet(paths.EVALUATION / "scores.parquet", index=False)
    evaluate(scores, params["evaluation"]).write(paths.EVALUATION)
    suspects = listed(pd.concat([parts[0], held_out], ignore_index=True))
    suspects.to_csv(paths.EVALUATION / "label-errors.csv", index=False)
    console.print(
        f"  {len(suspects)} labels to look at again: {paths.EVALUATION / 'label-errors.csv'}", highlight=False
    )


def champion_scores(artifact: Path, test: pd.DataFrame) -> pd.DataFrame:
    """Scores of another version on prepared messages of the present test split, as rows of the model `champion`."""
    test = test.reset_index(drop=True)
    rows = _score(score_requests(test), artifact)
    wanted = [label in {str(item) for item in WANTED} for label in Manifest.read(artifact).labels]
    threat = [1.0 - float(row["fused"][wanted].sum()) for row in rows]
    about = test[_KEPT].assign(model=CHAMPION, genre=genres(test), html=[row["html"] for row in rows])
    return about.assign(threat=np.clip(threat, 0.0, 1.0), milliseconds=[row["milliseconds"] for row in rows])


def _test_split(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["split"] == "test"].reset_index(drop=True)


def _score(requests: list[ScoreRequest], artifact: Path) -> list[dict[str, Any]]:
    timed = requests[::_TIMED]
    with progress() as report:
        scored = spread(partial(_components, artifact), requests, chunk=16)
        rows = list(report.over("test messages scored", scored, len(requests)))
        times = spread(partial(_milliseconds, artifact), timed, chunk=16, workers=1)
        for row, milliseconds in zip(rows[::_TIMED], report.over("timed", times, len(timed)), strict=True):
            row["milliseconds"] = milliseconds
    return rows


def _milliseconds(artifact: Path, request: ScoreRequest) -> float:
    start = time.perf_counter()
    _model(artifact).score([request])
    return (time.perf_counter() - start) * 1000.0


def _components(artifact: Path, request: ScoreRequest) -> dict[str, Any]:
    parts = _model(artifact).components(request)
    return {
        "fused": parts.fused,
        "baseline": parts.linear,
        "transformer": parts.transformer,
        "features": parts.features,
        "html": _is_html(request.raw),
        "milliseconds": float("nan"),
    }


@lru_cache(maxsize=1)
def _model(artifact: Path) -> MailModel:
    return MailModel.load(artifact)


def _long(about: pd.DataFrame, name: str, probabilities: NDArray[np.float64], labels: tuple[str, ...]) -> pd.DataFrame:
    columns = {f"p_{label}": probabilities[:, index] for index, label in enumerate(labels)}
    wanted = [index for index, label in enumerate(labels) if label in {str(item) for item in WANTED}]
    threat = np.clip(1.0 - probabilities[:, wanted].sum(axis=1), 0.0, 1.0)
    return about.assign(model=name, threat=threat, **columns)


def _out_of_fold(frame: pd.DataFrame) -> pd.DataFrame:
    """The fused model's scores of messages to learn from, each by folds that did not.

    From them a threshold can be chosen without a look at the test split.
    """
    learned = frame[frame["split"] != "test"].reset_index(drop=True)
    about = learned[_KEPT].assign(genre=genres(learned), html=[_is_html(raw) for raw in learned["raw"]])
    return about.assign(model="fused", threat=np.load(paths.FUSED_OOF)[:, 1])


def _is_html(raw: bytes) -> bool:
    return b"<html" in raw[:200_000].lower()


def _shortcuts() -> pd.DataFrame:
    """What the year and the names of the headers alone would tell, on the test split."""
    scores = shortcut_scores(read_prepared(paths.MESSAGES), read_splits(paths.SPLITS))
    return scores[scores["split"] == "test"]


def _signatures_only(about: pd.DataFrame, vectors: NDArray[np.float64]) -> pd.DataFrame:
    """What findings alone are worth: a logistic regression over them, fitted on the development messages."""
    from sklearn.linear_model import LogisticRegression

    names = json.loads((paths.FEATURES / "schema.json").read_text(encoding="utf-8"))["names"]
    columns = [index for index, name in enumerate(names) if name.startswith("signature.")]
    data = development().undisguised()
    fitted = LogisticRegression(max_iter=1_000).fit(data.vectors[:, columns], data.threat)
    return about.assign(model="signatures", threat=fitted.predict_proba(vectors[:, columns])[:, 1])
