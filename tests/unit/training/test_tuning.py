"""Searching: what is tried, how it is judged, and that an interrupted study loses nothing."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import mlflow
import numpy as np
import optuna
import pandas as pd
import pytest

from seg_ml.cli.tune import trials_table
from seg_ml.domain.errors import ConfigError
from seg_ml.models.fusion import FusionOptions
from seg_ml.registry.settings import registry_settings
from seg_ml.training.development import Development
from seg_ml.training.params import Params
from seg_ml.training.tuning.objective import Outcome, judged, sampled_campaigns
from seg_ml.training.tuning.space import FUSION, VOTES, Range, Values, suggest
from seg_ml.training.tuning.study import Trial, Tuning, changes, command
from seg_ml.training.unseen import kept

GATE = {
    "rate": 0.1, "recall": 0.9, "made_recall": 0.5, "ece": 1.0, "latency_p95_ms": 1, "corpus_auc": 1.0,
    "slice_margin": 0, "slice_minimum": 1,
}  # fmt: skip
PARAMS = Params({"seed": 7, "fusion": {"l2": 1.0, "leaves": 15}, "evaluation": {"rate": 0.1}, "gate": GATE})


class Hill:
    """Best where `leaves` is 20; may be interrupted at one of its calls."""

    section, space, fingerprint = "fusion", {"l2": FUSION["l2"], "leaves": FUSION["leaves"]}, "one"

    def __init__(self, interrupted_at: int = 0) -> None:
        self.calls, self.interrupted_at = 0, interrupted_at

    def __call__(self, values: Values, report: object) -> Outcome:
        self.calls += 1
        if self.calls == self.interrupted_at:
            raise KeyboardInterrupt
        recall = 1.0 - abs(values["leaves"] - 20) / 100
        return Outcome(recall - 0.9, {"corpus": recall})


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    while mlflow.active_run():
        mlflow.end_run()


def run(objective: Hill, store: Path, trials: int = 6) -> Tuning:
    tuning = Tuning(objective, "hill", PARAMS, store)
    tuning.run(trials, None, lambda *_: None, lambda _: None)
    return tuning


def test_an_interrupted_study_goes_on_as_if_it_had_not_been(place: Path) -> None:
    whole = run(Hill(), place / "whole.db")
    with pytest.raises(KeyboardInterrupt):
        run(Hill(interrupted_at=4), place / "cut.db")
    again = Hill()
    cut = run(again, place / "cut.db")
    assert again.calls == 3
    assert [trial.values for trial in cut.finished()] == [trial.values for trial in whole.finished()]


def test_the_first_trial_tries_the_present_settings_and_each_is_a_run_below_the_study(place: Path) -> None:
    tuning = run(Hill(), place / "store" / "studies.db")
    first = next(trial for trial in tuning.finished() if trial.number == 0)
    assert first.values == {"l2": 1.0, "leaves": 15}
    assert tuning.finished()[0].outcome.headroom >= first.outcome.headroom
    client = mlflow.MlflowClient(registry_settings().uri)
    runs = client.search_runs([client.get_experiment_by_name("seg-mail").experiment_id])
    parents = [found for found in runs if "mlflow.parentRunId" not in found.data.tags]
    assert [found.info.run_name for found in parents] == ["tune hill"]
    below = [found for found in runs if found.data.tags.get("mlflow.parentRunId") == parents[0].info.run_id]
    assert sorted(found.info.run_name for found in below) == [f"trial {number}" for number in range(6)]
    assert all("fusion.leaves" in found.data.params and "headroom" in found.data.metrics for found in below)


def test_a_study_of_other_data_is_not_gone_on_with(place: Path) -> None:
    run(Hill(), place / "studies.db", trials=1)
    other = Hill()
    other.fingerprint = "two"
    with pytest.raises(ConfigError, match="--study"):
        Tuning(other, "hill", PARAMS, place / "studies.db")


def test_time_that_is_over_begins_no_trial(place: Path) -> None:
    tuning = Tuning(Hill(), "hill", PARAMS, place / "studies.db")
    tuning.run(5, 0.0, lambda *_: None, lambda _: None)
    assert tuning.finished() == []


def test_values_lie_in_their_range_and_have_three_digits() -> None:
    study = optuna.create_study()
    for _ in range(20):
        values = suggest({"a": Range(0.01, 30.0, log=True), "b": Range(50, 500, step=25)}, study.ask())
        assert 0.01 <= values["a"] <= 30.0 and values["a"] == float(f"{values['a']:.3g}")
        assert isinstance(values["b"], int) and values["b"] % 25 == 0


def messages(corpora: dict[str, tuple[int, int]]) -> pd.DataFrame:
    """Wanted and unwanted messages of each corpus, every one a campaign of its own but the first two."""
    rows = [
        {"corpus": corpus, "label": label}
        for corpus, counts in corpora.items()
        for label, count in zip(("ham", "spam"), counts, strict=True)
        for _ in range(count)
    ]
    frame = pd.DataFrame(rows)
    frame["sha256"] = [f"{number:03}" for number in range(len(frame))]
    frame["cluster"] = ["same" if number < 2 else f"c{number}" for number in range(len(frame))]
    return frame.assign(disguise="", kind="mail")


def test_the_corpus_nearest_to_its_bound_counts() -> None:
    frame = messages({"one": (10, 10), "modern": (10, 10)})
    scores = np.tile(np.r_[np.zeros(10), np.ones(10)], 2)
    scores[[10, 11, 30, 31, 32, 33]] = -1.0
    outcome = judged(frame, scores, PARAMS)
    assert outcome.recalls == {"one": 0.8, "modern": 0.6}
    assert outcome.headroom == pytest.approx(0.8 - GATE["recall"])  # the one that was made has a bound of its own


def test_corpora_of_one_side_are_judged_together() -> None:
    frame = messages({"ours-ham": (10, 0), "ours-spam": (0, 10)})
    assert judged(frame, np.r_[np.zeros(10), np.ones(10)], PARAMS).recalls == {"all": 1.0}


def test_a_sample_takes_campaigns_whole() -> None:
    frame = messages({"one": (30, 30)}).assign(cluster=lambda rows: [f"c{number // 4}" for number in range(len(rows))])
    data = Development.of(frame)
    rows = sampled_campaigns(data, 20, 7)
    assert len(rows) == 20
    assert not set(data.clusters[rows]) & set(np.delete(data.clusters, rows))
    assert len(sampled_campaigns(data, 0, 7)) == len(sampled_campaigns(data, 999, 7)) == 60


def test_what_is_printed_says_what_changes() -> None:
    present = {"l2": 1.0, "leaves": 15}
    changed = changes({"l2": 0.25, "leaves": 15}, present)
    assert command("fusion", changed) == "dvc exp run -S fusion.l2=0.25"
    trials = [Trial(number, {"l2": 0.5, "leaves": 9}, Outcome(0.0, {"one": 0.9})) for number in range(1, 12)]
    table = trials_table([*trials, Trial(0, present, Outcome(-0.1, {"one": 0.8}))], present, "title")
    assert list(table.columns[-1].cells)[-1] == "as they are"


def test_every_setting_of_the_fusion_is_searched_at_home_or_elsewhere() -> None:
    settings = {item.name for item in fields(FusionOptions)} - {"copies", "folds"}
    assert not set(FUSION) & set(VOTES)
    assert set(FUSION) | set(VOTES) == settings


def test_what_votes_elsewhere_does_not_part_what_is_kept() -> None:
    assert set(VOTES) == kept._ONLY_VOTES
