"""A champion that learned from the present test mail: measured on the rest, and refused or not for what is true."""

import hashlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from seg_ml.evaluation.gate import Bounds, Check, gate
from seg_ml.evaluation.report import Report, evaluate
from seg_ml.registry.learned import Learned
from seg_ml.training import register

BOUNDS = Bounds(0.05, 0.0, 0.0, 1.0, 1000.0, 1.0, 0.02, 50)
SETTINGS = {
    "model": "fused", "baseline": "baseline", "rate": 0.05, "rates": [0.05], "bins": 5, "resamples": 20, "seed": 0,
    "slice_minimum": 50, "margin": 0.0, "promised": 0.05,
}  # fmt: skip
COUNT = 600


def _frame() -> pd.DataFrame:
    """Prepared messages of the test split: a campaign of two each, half of them unwanted, of two kinds each."""
    numbers = np.arange(COUNT)
    return pd.DataFrame(
        {
            "sha256": [hashlib.sha256(str(number).encode()).hexdigest() for number in numbers],
            "split": "test",
            "corpus": "one",
            "kind": np.array(["letter", "offer", "list", "lure"])[numbers % 4],
            "label": np.array(["ham", "spam"])[numbers % 2],
            "cluster": [f"{number // 4 * 2 + number % 2:016x}" for number in numbers],
            "language": "en",
            "year": pd.array([2024] * COUNT, dtype="Int16"),
            "size": 1000,
        }
    )


def _said(frame: pd.DataFrame, model: str, misses: float, known: int = 0) -> pd.DataFrame:
    """Scores that miss a share of the threats, but none of the first `known` messages."""
    missed = (np.random.default_rng(1).random(len(frame)) < misses) & (np.arange(len(frame)) >= known)
    threat = np.where((frame["label"] == "spam") & ~missed, 0.9, 0.1)
    return frame.assign(model=model, threat=threat + np.linspace(0, 0.05, len(frame)))


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch):
    """Registers a version that misses a tenth of the threats, under a champion that was measured on other mail."""

    def run(champion_misses: float, known: int, learned: Learned | None) -> tuple[Report, Check, list[int]]:
        frame, asked = _frame(), []

        def champion_scores(_: Path, test: pd.DataFrame) -> pd.DataFrame:
            asked.append(len(test))
            everything = _said(frame, "champion", champion_misses, known)
            return everything[everything["sha256"].isin(test["sha256"])]

        monkeypatch.setattr(register, "alias_version", lambda *_: 4)
        monkeypatch.setattr(register, "version_info", lambda *_: None)
        monkeypatch.setattr(register, "figures_of", lambda _: {"test_data": {"sha256": "other"}})
        monkeypatch.setattr(register, "learned_of", lambda _: learned)
        monkeypatch.setattr(register, "resolve", lambda _: SimpleNamespace(path=Path()))
        monkeypatch.setattr(register, "champion_scores", champion_scores)
        scores = pd.concat([_said(frame, "fused", 0.1), _said(frame, "baseline", 0.5)], ignore_index=True)
        report = register._report(scores, frame, SETTINGS, "seg-mail")
        own = {"version": 4, "test_data": {"sha256": "other"}, "slices": {}}
        alone = evaluate(scores, SETTINGS).figures
        assert {name: report.figures[name] for name in alone if name != "models"} == {
            name: alone[name] for name in alone if name != "models"
        }, "the bounds hold for all of the test split"
        return report, gate(report.figures, own, BOUNDS)[-1], asked

    return run


def _first(count: int) -> Learned:
    """What a champion learned from: one message of each campaign among the first so many messages."""
    frame = _frame().iloc[:count]
    return Learned.of(frame.drop_duplicates("cluster").assign(cluster="f" * 16))


def test_a_champion_that_learned_the_test_mail_does_not_block(registered) -> None:
    report, check, asked = registered(0.1, 300, _first(300))
    assert check.passed and asked == [300]
    assert "without 300 of 600 test messages, which the champion learned from" in check.detail
    assert report.figures["champion"]["compared"] == {"wanted": 150, "unwanted": 150}
    assert not registered(0.1, 300, None)[1].passed, "its figures were flattered"


def test_an_honest_regress_is_refused(registered) -> None:
    _, check, _ = registered(0.0, 300, _first(300))
    assert not check.passed and "recall" in check.detail and "without 300 of 600" in check.detail
    assert not registered(0.0, 0, Learned(frozenset(), frozenset()))[1].passed


def test_a_slice_of_which_too_little_remains_is_not_compared(registered) -> None:
    _, check, _ = registered(0.0, 0, _first(520))  # forty threats remain, all of them well judged by the champion
    assert check.passed and "no yardstick" in check.detail and "520 of 600" in check.detail


def test_a_champion_that_knows_everything_is_no_yardstick(registered) -> None:
    report, check, asked = registered(0.0, 600, _first(600))
    assert check.passed and check.figure == 0 and asked == []
    assert "no yardstick: the champion learned from 600 of 600 test messages" in check.detail
    assert "slices" not in report.figures["champion"]


def test_a_champion_without_a_record_is_compared_and_said_to_know_perhaps(
    registered, capsys: pytest.CaptureFixture[str]
) -> None:
    report, check, asked = registered(0.0, 0, None)
    assert not check.passed and asked == [600] and "may know this mail" in check.detail
    assert "champion" in report.figures["models"] and "no record" in capsys.readouterr().err
    _, check, _ = registered(0.1, 0, None)
    assert check.passed and "may know this mail" in check.detail
    assert "may know" not in registered(0.1, 0, Learned(frozenset(), frozenset()))[1].detail
