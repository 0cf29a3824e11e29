"""Stage `robustness`: recall of the model on the threats of the test split, each under every attack."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from seg_ml.compute.executor import spread
from seg_ml.corpora.requests import score_requests
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.evaluation.attacks import ATTACKS, attacked
from seg_ml.evaluation.robustness import NONE, write_robustness
from seg_ml.evaluation.scores import read_scores
from seg_ml.evaluation.translations import LEARNED, UNSEEN, reworded, translated
from seg_ml.training import paths
from seg_ml.training.copies import without_and_with
from seg_ml.training.development import is_threat, messages_with_split
from seg_ml.training.judging import MODELS, artifact, threats
from seg_ml.training.params import Params
from seg_ml.training.progress import StageProgress, console, progress

_SOURCES = (LEARNED, UNSEEN)
_READ = ["vector", "tokens", "text"]


def evaluate_robustness(params: Params) -> None:
    """Write `robustness.json`, `robustness.md` and pictures into the evaluation's folder."""
    section = params["robustness"]
    frame = messages_with_split()
    frame = frame[(frame["split"] == "test") & is_threat(frame)]
    frame = frame.sample(min(int(section["messages"]), len(frame)), random_state=params.seed)
    requests = score_requests(frame)
    jobs = [(request, name) for name in (NONE, *ATTACKS) for request in requests]
    with progress() as report:
        rows = list(report.over("attacks scored", spread(_score, jobs, chunk=16), len(jobs)))
        letters = {
            name: {source: _scored(make(int(section["letters"]), params.seed, source), report) for source in _SOURCES}
            for name, make in (("languages", translated), ("wordings", reworded))
        }
        table = pd.DataFrame(rows, columns=["attack", *MODELS, *_READ])
        scores, about = read_scores(paths.EVALUATION / "scores.parquet"), None
        if section.get("before"):
            copies = without_and_with(table[_READ], params, report)
            table, about = table.assign(**copies.attacked), copies.about
            scores = pd.concat([scores, copies.scores], ignore_index=True)
    rate, most = float(section["rate"]), float(section["most_lost"])
    figures = write_robustness(
        table, scores, MODELS, rate, paths.EVALUATION, most, letters, about, float(section["missed"])
    )
    worst = max(figures["attacks"], key=lambda name: figures["attacks"][name]["fused"]["lost"])
    console.print(f"  worst for the fused model: {worst}", highlight=False)
    console.print(f"  costing it more than {most:.0%}: {', '.join(figures['beyond']) or 'none'}", highlight=False)


def _scored(letters: pd.DataFrame, report: StageProgress) -> pd.DataFrame:
    """The letters with `threat`."""
    jobs = [(request, NONE) for request in letters["request"]]
    said = list(report.over("letters scored", spread(_score, jobs, chunk=16), len(jobs)))
    return letters.assign(threat=np.array([row[1] for row in said], dtype=float))


def _score(job: tuple[ScoreRequest, str]) -> list[object]:
    """What the artifact and its parts say of a message under attack, and what is read of it."""
    request, name = job
    if name != NONE:
        request = replace(request, raw=attacked(name, request.raw))
    reading = artifact().reader.read(request)
    return [name, *threats(request), reading.vector, reading.tokens, reading.text]
