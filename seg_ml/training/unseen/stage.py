"""Stage `unseen`: every experiment, its scores and what they say."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seg_ml.artifact.reading import Reader
from seg_ml.corpora.schema import read_prepared
from seg_ml.evaluation.shortcuts import shortcut_scores
from seg_ml.evaluation.unseen import LEARNED, write_unseen
from seg_ml.training import paths
from seg_ml.training.params import Params
from seg_ml.training.progress import console, progress
from seg_ml.training.unseen.data import MESSAGES, Research
from seg_ml.training.unseen.experiments import Experiment, forward_in_time, learned_from, leave_one_out
from seg_ml.training.unseen.fitting import Fitting, Parts, Scores
from seg_ml.training.unseen.kept import Kept, basis_of

_KEPT = ["sha256", "corpus", "kind", "label", "cluster", "language", "year", "size"]


def evaluate_unseen(params: Params) -> None:
    """Write `unseen.parquet`, `unseen.json`, `unseen.md` and a picture into the evaluation's folder.

    Experiments that an earlier run finished, with the same data, parameters and code, are not repeated (see `kept`).
    """
    fitting, experiments = prepared_experiments(params)
    messages, hashes = read_prepared(MESSAGES), fitting.mail.frame["sha256"]
    shortcuts = [_shortcuts(experiment, hashes, messages) for experiment in experiments]
    scores = pd.concat([_scores(fitting, experiments, Kept(basis_of(params))), *shortcuts], ignore_index=True)
    paths.EVALUATION.mkdir(parents=True, exist_ok=True)
    scores.to_parquet(paths.EVALUATION / "unseen.parquet", index=False)
    figures = write_unseen(scores, params["evaluation"], paths.EVALUATION)
    console.print(json.dumps(figures["means"], indent=1), highlight=False)


def prepared_experiments(params: Params) -> tuple[Fitting, list[Experiment]]:
    """What fits, over the research data, and every experiment that `params` name."""
    names = Reader.current(tuple(params["features"]), tuple(params["signatures"])).vectorizer.names
    data = Research.load(names)
    return Fitting(data, params), list(_experiments(data, params))


def _scores(fitting: Fitting, experiments: Iterable[Experiment], kept: Kept) -> pd.DataFrame:
    tables = []
    for experiment in experiments:
        parts = Parts.of(kept.table(experiment, lambda chosen: _parts(fitting, chosen).table()))
        tables.append(_judged(fitting, experiment, fitting.scores(parts, experiment.train)))
    return pd.concat(tables, ignore_index=True)


def _shortcuts(experiment: Experiment, hashes: pd.Series, messages: pd.DataFrame) -> pd.DataFrame:
    """What the year and the names of the headers alone would tell; of disguised copies neither is learned from."""
    sides = {"train": experiment.train, "test": experiment.test}
    splits = pd.concat([pd.DataFrame({"sha256": hashes.iloc[rows], "split": name}) for name, rows in sides.items()])
    found = shortcut_scores(messages, splits)
    return found[[*_KEPT, "model", "threat"]].assign(experiment=experiment.name)


def _experiments(data: Research, params: Params) -> Iterator[Experiment]:
    section = params["unseen"]
    generator, most = np.random.default_rng(params.seed), int(section["learned"])
    for experiment in leave_one_out(data.messages.frame, section["leave_out"]):
        yield experiment.bounded(most, generator)
    later = forward_in_time(data.messages.frame, int(section["since"]))
    if _both_kinds(data, later.test):
        yield later.bounded(most, generator)
    else:
        console.print(f"  no wanted and unwanted mail of {section['since']} and later: left out", highlight=False)
    alone = learned_from(data.messages.frame, params["corpora"]["use"])
    if _both_kinds(data, alone.train) and _both_kinds(data, alone.test):
        yield alone.bounded(most, generator)
    else:
        console.print(f"  nothing to learn from, or to judge, for {alone.name}: left out", highlight=False)


def _both_kinds(data: Research, rows: NDArray[np.intp]) -> bool:
    return len(set(data.messages.target[rows])) == 2


def _parts(fitting: Fitting, experiment: Experiment) -> Parts:
    console.print(
        f"  {experiment.name}: learns from {len(experiment.train):,}, judges {len(experiment.test):,}", highlight=False
    )
    with progress() as report:
        return fitting.parts(experiment.train, experiment.test, report)


def _judged(fitting: Fitting, experiment: Experiment, scores: Scores) -> pd.DataFrame:
    about = fitting.mail.frame[_KEPT].assign(experiment=experiment.name)
    judged = about.loc[experiment.test]
    sent = fitting.mail.genuine[experiment.train]
    learned = about.loc[experiment.train[sent]].assign(model=LEARNED, threat=np.asarray(scores.learned)[sent])
    tables = [judged.assign(model=model, threat=threat) for model, threat in scores.judged.items()]
    return pd.concat([*tables, learned], ignore_index=True)
