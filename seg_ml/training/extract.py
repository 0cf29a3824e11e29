"""Stage `extract`: every message read once, as serving reads it."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import pandas as pd

from seg_ml.artifact.reading import Reader
from seg_ml.compute.executor import spread
from seg_ml.corpora.requests import score_requests
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.training import paths
from seg_ml.training.development import messages_with_split
from seg_ml.training.disguises import DisguiseOptions, disguised_copies
from seg_ml.training.params import Params
from seg_ml.training.progress import progress


def extract(params: Params) -> None:
    """Write what is read of the messages and of disguised copies of those to learn from, and `schema.json`."""
    frame = messages_with_split()
    paths.FEATURES.mkdir(parents=True, exist_ok=True)
    read_messages(frame, params).to_parquet(paths.FEATURES / "features.parquet", index=False)
    learned = frame[frame["split"] != "test"]
    read_copies(learned, learned, params).to_parquet(paths.FEATURES / "disguised.parquet", index=False)
    reader = _reader(tuple(params["features"]), tuple(params["signatures"]))
    schema = {
        "names": list(reader.vectorizer.names),
        "signatures": reader.engine.versions,
        "features": dict(reader.vectorizer.schema.blocks),
    }
    (paths.FEATURES / "schema.json").write_text(json.dumps(schema, indent=1) + "\n", encoding="utf-8")


def read_messages(frame: pd.DataFrame, params: Params) -> pd.DataFrame:
    """What a model reads of prepared messages, in their order: sha256, vector, blind, tokens, text, findings.

    Only `sha256`, `raw` and the session's columns of `frame` are looked at.
    """
    features, signatures = tuple(params["features"]), tuple(params["signatures"])
    jobs = [(request, features, signatures) for request in score_requests(frame)]
    with progress() as report:
        rows = list(report.over("messages read", spread(_read, jobs, chunk=64), len(jobs)))
    table = pd.DataFrame(rows)
    table.insert(0, "sha256", frame["sha256"].to_numpy())
    return table


def read_copies(frame: pd.DataFrame, honest_mail: pd.DataFrame, params: Params) -> pd.DataFrame:
    """`read_messages` of disguised copies of some of the messages, with `origin` (their sha256) and `disguise`."""
    copies = disguised_copies(frame, honest_mail, params.options(DisguiseOptions, "disguises"), params.seed)
    about = copies[["origin", "disguise"]].reset_index(drop=True)
    return pd.concat([read_messages(copies, params), about], axis=1)


def _read(job: tuple[ScoreRequest, tuple[str, ...], tuple[str, ...]]) -> dict[str, Any]:
    request, features, signatures = job
    reading, blind = _reader(features, signatures).read_twice(request)
    return {
        "vector": reading.vector,
        "blind": blind,
        "tokens": reading.tokens,
        "text": reading.text,
        "findings": [finding.signature for finding in reading.findings],
    }


@lru_cache(maxsize=1)
def _reader(features: tuple[str, ...], signatures: tuple[str, ...]) -> Reader:
    return Reader.current(features, signatures)
