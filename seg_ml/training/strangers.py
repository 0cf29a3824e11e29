"""Stage `strangers`: what the model says of mail that was written by other hands, and that nobody chose anything by."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from seg_ml.artifact.model import MailModel
from seg_ml.compute.executor import spread
from seg_ml.corpora.requests import stored_request
from seg_ml.domain.errors import ConfigError
from seg_ml.domain.verdict import WANTED
from seg_ml.evaluation.scores import read_scores
from seg_ml.evaluation.strangers import AS_STORED, UNKNOWN, mail_by_others, write_strangers
from seg_ml.training import paths
from seg_ml.training.params import Params
from seg_ml.training.progress import progress

FOLDER = Path("data/strangers")
_MODELS = ("fused", "baseline", "transformer")


def judge_strangers(params: Params) -> None:
    """Write `strangers.json` and `strangers.md` into the evaluation's folder.

    Raises:
        ConfigError: there is no such mail.
    """
    mail = list(mail_by_others(FOLDER))
    if not mail:
        raise ConfigError(f"{FOLDER}: no messages in wanted/ and unwanted/; check them out")
    jobs = [(name, bad, raw, session) for session in (AS_STORED, UNKNOWN) for name, bad, raw in mail]
    with progress() as report:
        rows = list(report.over("messages judged", spread(_judge, jobs, chunk=16), len(jobs)))
    table = pd.DataFrame(rows, columns=["name", "unwanted", "session", *_MODELS])
    scores = read_scores(paths.EVALUATION / "scores.parquet")
    write_strangers(table, scores, _MODELS, float(params["robustness"]["rate"]), paths.EVALUATION)


def _judge(job: tuple[str, bool, bytes, str]) -> list[object]:
    name, bad, raw, session = job
    model = _model()
    parts = model.components(stored_request(raw, session_facts=session == AS_STORED))
    wanted = np.array([label in WANTED for label in model.labels])
    return [
        name,
        bad,
        session,
        *(1.0 - float(part[wanted].sum()) for part in (parts.fused, parts.linear, parts.transformer)),
    ]


@lru_cache(maxsize=1)
def _model() -> MailModel:
    return MailModel.load(paths.ARTIFACT)
