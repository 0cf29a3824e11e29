"""Stage `strangers`: what the model says of mail that was written by other hands, and that nobody chose anything by."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from seg_ml.compute.executor import spread
from seg_ml.corpora.requests import stored_request
from seg_ml.domain.errors import ConfigError
from seg_ml.evaluation.scores import read_scores
from seg_ml.evaluation.strangers import AS_STORED, UNKNOWN, mail_by_others, write_strangers
from seg_ml.training import paths
from seg_ml.training.judging import MODELS, threats
from seg_ml.training.params import Params
from seg_ml.training.progress import progress

FOLDER = Path("data/strangers")


def judge_strangers(params: Params) -> None:
    """Write `strangers.json` and `strangers.md` into the evaluation's folder.

    Raises:
        ConfigError: there is no such mail.
    """
    mail = list(mail_by_others(FOLDER))
    if not mail:
        raise ConfigError(f"{FOLDER}: no messages in wanted/ and unwanted/ of any set; check them out")
    jobs = [(*one, session) for session in (AS_STORED, UNKNOWN) for one in mail]
    with progress() as report:
        rows = list(report.over("messages judged", spread(_judge, jobs, chunk=16), len(jobs)))
    table = pd.DataFrame(rows, columns=["set", "name", "unwanted", "session", *MODELS])
    scores = read_scores(paths.EVALUATION / "scores.parquet")
    write_strangers(table, scores, MODELS, float(params["robustness"]["rate"]), paths.EVALUATION)


def _judge(job: tuple[str, str, bool, bytes, str]) -> list[object]:
    written, name, bad, raw, session = job
    return [written, name, bad, session, *threats(stored_request(raw, session_facts=session == AS_STORED))]
