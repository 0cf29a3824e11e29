"""Searching for votes: judged on what was kept of experiments, and worth what they show on the others."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from seg_ml.domain.errors import ConfigError
from seg_ml.training.params import Params
from seg_ml.training.tuning import votes
from seg_ml.training.tuning.objective import Outcome
from seg_ml.training.tuning.votes import VotesObjective, headroom, nested
from seg_ml.training.unseen.experiments import Experiment
from seg_ml.training.unseen.fitting import Fitting, Parts
from seg_ml.training.unseen.kept import Kept

COUNT = 400
PARAMS = Params({"seed": 7, "fusion": {"vote": 0.5, "transformer": 0.5, "vote_alone": 0.2}}
                | {"unseen": {"bounds": {"recall": 0.9, "f1": 0.93}}})  # fmt: skip
EXPERIMENTS = [Experiment(f"without {name}", np.arange(COUNT), np.arange(COUNT, 2 * COUNT)) for name in ("one", "two")]


def _parts(seed: int) -> Parts:
    """A linear model, the transformer, two kinds of trees and findings; the transformer alone knows strange mail."""
    random = np.random.default_rng(seed)
    target = _target()
    known = target[:COUNT, None] * 4 - 2 + random.normal(size=(COUNT, 5))
    strange = random.normal(size=(COUNT, 5))
    strange[:, 1] += target[COUNT:] * 8 - 4
    return Parts(known, strange)


def _table(seed: int, _: Experiment) -> pd.DataFrame:
    return _parts(seed).table()


def _target() -> np.ndarray:
    return np.arange(2 * COUNT) % 2


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    fitting = cast(Any, Fitting.__new__(Fitting))
    fitting.linear = {"words": None}
    fitting.mail = SimpleNamespace(target=_target(), genuine=np.ones(2 * COUNT, bool))
    store = Kept("as it is", tmp_path)
    monkeypatch.setattr(votes, "prepared_experiments", lambda params: (fitting, EXPERIMENTS))
    monkeypatch.setattr(votes, "basis_of", lambda params: "as it is")
    monkeypatch.setattr(votes, "Kept", lambda basis: store)
    for seed, experiment in enumerate(EXPERIMENTS):
        store.table(experiment, partial(_table, seed))
    return store


def test_who_knows_strange_mail_is_worth_a_larger_vote(kept: Kept) -> None:
    objective, said = VotesObjective(PARAMS), []
    poor = objective({"vote": 0.1, "transformer": 0.0, "vote_alone": 1.0}, lambda *told: said.append(told))
    good = objective({"vote": 3.0, "transformer": 1.0, "vote_alone": 0.0}, lambda *_: None)
    assert set(good.recalls) == set(good.f1) == {"without one", "without two"}
    assert good.headroom > poor.headroom + 0.3
    assert said[-1] == ("votes", 2, 2)
    assert VotesObjective(PARAMS).fingerprint == objective.fingerprint


def test_an_experiment_that_was_not_finished_is_named(kept: Kept) -> None:
    kept.path(EXPERIMENTS[1]).unlink()
    with pytest.raises(ConfigError, match="not finished: without two: dvc repro unseen"):
        VotesObjective(PARAMS)


def test_no_sample_of_experiments(kept: Kept) -> None:
    with pytest.raises(ConfigError, match="--sample"):
        VotesObjective(PARAMS, 100)


def test_the_lesser_distance_counts() -> None:
    bounds = {"recall": 0.9, "f1": 0.93}
    assert headroom({"a": 0.8, "b": 1.0}, {"a": 0.9, "b": 0.9}, bounds) == pytest.approx(-0.03)
    assert headroom({"a": 0.8, "b": 0.8}, {"a": 1.0, "b": 1.0}, bounds) == pytest.approx(-0.1)


def test_each_experiment_is_shown_under_the_votes_that_are_best_on_the_others() -> None:
    bounds = {"recall": 0.9, "f1": 0.93}

    def outcome(**recalls: float) -> Outcome:
        return Outcome(0.0, recalls, dict.fromkeys(recalls, 1.0))

    found = nested([outcome(a=0.9, b=0.2, c=0.2), outcome(a=0.3, b=0.8, c=0.7)], bounds)
    assert found.recalls == {"a": 0.3, "b": 0.2, "c": 0.2}
    assert found.headroom == pytest.approx(0.7 / 3 - 0.9)
