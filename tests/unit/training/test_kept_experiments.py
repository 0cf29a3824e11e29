"""Experiments that were finished are not repeated, unless something that they came from changed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pandas as pd
import pytest

from seg_ml.training.params import Params
from seg_ml.training.unseen.experiments import Experiment
from seg_ml.training.unseen.fitting import Fitting, Parts, Scores
from seg_ml.training.unseen.kept import Kept, basis_of
from seg_ml.training.unseen.stage import _scores

ONE = Experiment("without one", np.array([0, 1, 2]), np.array([3, 4]))
TWO = Experiment("without two", np.array([3, 4, 5]), np.array([0, 1]))


class FakeFitting:
    """Says half of every message; stops in the middle where it is told to. `runs` holds the rows that it learned."""

    def __init__(self, stops: int | None = None) -> None:
        count = 6
        frame = pd.DataFrame(
            {
                "sha256": [f"{number:064}" for number in range(count)],
                "corpus": "one",
                "kind": "letter",
                "label": ["ham", "spam"] * 3,
                "cluster": [f"{number:016}" for number in range(count)],
                "language": ["en", None, "de"] * 2,
                "year": pd.array([2024, None] * 3, dtype="Int16"),
                "size": 1000,
            }
        )
        genuine = np.array([True, True, False, True, True, True])
        self.mail = SimpleNamespace(frame=frame, genuine=genuine)
        self.runs: list[list[int]] = []
        self.stops = stops

    def parts(self, train: np.ndarray, test: np.ndarray, _: object) -> Parts:
        if len(self.runs) == self.stops:
            raise KeyboardInterrupt
        self.runs.append(train.tolist())
        return Parts(np.full((len(train), 2), 0.25), np.full((len(test), 2), 0.5))

    def scores(self, parts: Parts, train: np.ndarray) -> Scores:
        assert len(train) == len(parts.learned)
        return Scores({"fused": parts.judged[:, 0]}, parts.learned[:, 0])


def run(fitting: FakeFitting, folder: Path, basis: str = "as it was") -> pd.DataFrame:
    return _scores(cast(Fitting, fitting), [ONE, TWO], Kept(basis, folder))


def test_a_run_that_was_stopped_is_gone_on_with(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(FakeFitting(stops=1), tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    second = FakeFitting()
    table = run(second, tmp_path)
    assert second.runs == [[3, 4, 5]], "the first was finished"
    assert "without one: as computed before" in " ".join(capsys.readouterr().err.split())
    assert len(table) == 2 + 2 + 2 + 3
    pd.testing.assert_frame_equal(table, run(FakeFitting(), tmp_path / "elsewhere"))
    third = FakeFitting()
    pd.testing.assert_frame_equal(table, run(third, tmp_path))
    assert third.runs == []


def test_other_rows_another_name_or_another_basis_are_another_experiment(tmp_path: Path) -> None:
    kept = Kept("as it was", tmp_path)
    others = [
        Experiment("another", ONE.train, ONE.test),
        Experiment(ONE.name, ONE.train[:2], ONE.test),
        Experiment(ONE.name, ONE.train, ONE.test[:1]),
    ]
    paths = {kept.path(ONE), *(kept.path(other) for other in others), Kept("another", tmp_path).path(ONE)}
    assert len(paths) == 5
    assert kept.path(ONE) == Kept("as it was", tmp_path).path(Experiment(ONE.name, ONE.train, ONE.test))


def test_half_a_table_is_never_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(_: pd.DataFrame, path: Path, **__: object) -> None:
        Path(path).write_bytes(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(pd.DataFrame, "to_parquet", killed)
        with pytest.raises(KeyboardInterrupt):
            run(FakeFitting(), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def origins(tmp_path: Path) -> tuple[Path, Path]:
    data, code = tmp_path / "research", tmp_path / "seg_ml"
    for path in (
        data / "messages.parquet",
        code / "models" / "fusion.py",
        code / "training" / "unseen" / "fitting.py",
        code / "training" / "cached.py",
        code / "training" / "development.py",
        code / "training" / "stage.py",
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("as it was")
    return data, code


def _params(**changes: object) -> Params:
    names = ("texts", "linear", "transformer", "fusion", "signatures", "features", "seed", "evaluation")
    unseen = {"folds": 3, "learned": 8000, "since": 2024, "corpora": ["one"], "leave_out": ["one"]}
    return Params({"unseen": unseen, **dict.fromkeys(names, 1), "fusion": {"leaves": 31, "vote": 0.8}} | changes)


@pytest.mark.parametrize(
    ("name", "matters"),
    [
        ("research/messages.parquet", True),
        ("seg_ml/models/fusion.py", True),
        ("seg_ml/training/unseen/fitting.py", True),
        ("seg_ml/training/development.py", True),
        ("seg_ml/training/stage.py", False),
    ],
)
def test_data_and_the_code_that_learns_matter(
    origins: tuple[Path, Path], tmp_path: Path, name: str, matters: bool
) -> None:
    before = basis_of(_params(), *origins)
    assert before == basis_of(_params(), *origins)
    (tmp_path / name).write_text("as it is")
    assert (basis_of(_params(), *origins) != before) == matters


def test_parameters_of_learning_matter_and_those_of_judging_do_not(origins: tuple[Path, Path]) -> None:
    before = basis_of(_params(), *origins)
    assert basis_of(_params(fusion={"leaves": 15, "vote": 0.8}), *origins) != before
    assert basis_of(_params(fusion={"leaves": 31, "vote": 0.4}), *origins) == before, "parts vote when they are judged"
    assert basis_of(_params(unseen={**_params()["unseen"], "folds": 2}), *origins) != before
    assert basis_of(_params(unseen={**_params()["unseen"], "since": 2020}), *origins) == before
    assert basis_of(_params(evaluation=2), *origins) == before
