"""Where to stop deciding: the band follows the prices, keeps promises, and reads as a policy."""

import math

import numpy as np
import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from gateway.policy.loader import parse_policy
from gateway.policy.table import Case, Direction
from seg_ml.cli.main import app
from seg_ml.domain.verdict import Label, Verdict
from seg_ml.evaluation.bands import Prices, band_cost, cheapest_band, policy_fragment, suggested
from seg_ml.evaluation.conformal import Band, band_figures
from seg_ml.evaluation.scores import of_model
from seg_ml.evaluation.thresholds import cheapest


@pytest.fixture(scope="module")
def calibrated() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    probabilities = rng.random(40_000)
    return pd.DataFrame({"threat": probabilities, "label": np.where(rng.random(40_000) < probabilities, "spam", "ham")})


def test_of_calibrated_scores_the_band_is_chows(calibrated: pd.DataFrame) -> None:
    band = cheapest_band(calibrated, Prices(alarm=2.0, look=0.3))
    assert band.low == pytest.approx(0.3, abs=0.03)
    assert band.high == pytest.approx(1 - 0.3 / 2, abs=0.03)


def test_no_other_band_is_cheaper(calibrated: pd.DataFrame) -> None:
    rows, prices = calibrated.head(300), Prices(alarm=3.0, look=0.2, share=0.2)
    least = band_cost(cheapest_band(rows, prices), rows, prices)
    ends = np.r_[np.quantile(rows["threat"], np.linspace(0, 1, 25)), np.inf]
    assert all(least <= band_cost(Band(a, b), rows, prices) + 1e-12 for a in ends for b in ends if a <= b)


def test_where_looking_is_dear_one_threshold_is_left(calibrated: pd.DataFrame) -> None:
    band = cheapest_band(calibrated, Prices(alarm=2.0, look=5.0))
    assert band.low == band.high == cheapest(calibrated, 1.0, 2.0)[0]


def test_a_promise_raises_the_upper_end_alone(calibrated: pd.DataFrame) -> None:
    prices = Prices(alarm=1.0, look=0.3)
    free, kept = suggested(calibrated, prices), suggested(calibrated, prices, 0.001)
    assert kept.low == free.low
    assert kept.high > free.high
    assert band_figures(kept, calibrated)["wanted held"] <= 0.001


def test_more_unwanted_mail_at_the_door_moves_the_band_down(calibrated: pd.DataFrame) -> None:
    rare, common = (cheapest_band(calibrated, Prices(2.0, 0.2, share)) for share in (0.05, 0.95))
    assert common.low < rare.low
    assert common.high < rare.high


@pytest.mark.parametrize(
    ("band", "rules"),
    [
        (Band(0.30001, 0.87654), {0.2: "clean", 0.3: "undecided", 0.8765: "undecided", 0.8766: "unwanted"}),
        (Band(0.5, 0.5), {0.49: "clean", 0.5: "unwanted"}),
        (Band(0.4, math.inf), {0.39: "clean", 1.0: "undecided"}),
    ],
)
def test_the_policy_acts_on_the_band(band: Band, rules: dict[float, str]) -> None:
    policy = parse_policy({**yaml.safe_load(policy_fragment(band)), "outbound": [{"id": "all", "then": "deliver"}]})
    for probability, rule in rules.items():
        verdict = Verdict(Label.SPAM, {"ham": 1 - probability, "spam": probability})
        assert policy.decide(Case(Direction.INBOUND, verdict), "a.example").rule == rule


def test_the_command_prints_a_policy(scores: pd.DataFrame, tmp_path) -> None:
    path = tmp_path / "scores.parquet"
    scores.to_parquet(path)
    options = ["--alarm", "5", "--look", "0.2", "--promise", "0.05", "--scores", str(path)]
    done = CliRunner().invoke(app, ["thresholds", *options])
    assert done.exit_code == 0, done.output
    rows = yaml.safe_load(done.stdout)["inbound"]
    band = suggested(of_model(scores, "fused", "validation"), Prices(5.0, 0.2), 0.05)
    assert rows == yaml.safe_load(policy_fragment(band))["inbound"]
    assert [row["id"] for row in rows] == ["unwanted", "undecided", "clean"]
    assert "looked at" in done.stderr


def test_the_command_says_what_is_missing(tmp_path) -> None:
    done = CliRunner().invoke(app, ["thresholds", "--scores", str(tmp_path / "none.parquet")])
    assert done.exit_code == 1 and "dvc repro" in done.stderr


def test_the_command_keeps_a_promise_in_each_part(scores: pd.DataFrame, tmp_path) -> None:
    path = tmp_path / "scores.parquet"
    scores.to_parquet(path)
    options = ["thresholds", "--promise", "0.05", "--scores", str(path)]
    done = CliRunner().invoke(app, [*options, "--within", "corpus"])
    assert done.exit_code == 0 and "in each corpus" in done.stdout
    done = CliRunner().invoke(app, [*options, "--within", "moon"])
    assert done.exit_code == 1 and "no column 'moon'" in done.stderr
