"""What the notebooks on unfamiliar mail, attacks and cost show."""

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import yaml

from gateway.policy.loader import parse_policy
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.evaluation.attacks import ATTACKS
from seg_ml.evaluation.bands import policy_fragment
from seg_ml.evaluation.by_slice import ece_by_slice
from seg_ml.evaluation.conformal import Band, abstention_curve, coverage, promise_table
from seg_ml.evaluation.robustness import NONE, robustness_figures
from seg_ml.models.linear import LinearOptions
from seg_ml.testing.mail import synthetic_mail
from seg_ml.training.development import Development
from seg_ml.training.research.cost import (
    band_table,
    cost_table,
    plot_abstention,
    plot_costs,
    plot_coverage,
    plot_ece_by_slice,
    plot_promises,
    reliability_by_slice,
)
from seg_ml.training.research.robustness import (
    attack_scores,
    before_and_after,
    committed_table,
    damage,
    plot_attack_scores,
)
from seg_ml.training.research.unseen import (
    INSIDE,
    OUTSIDE,
    falls,
    figures_table,
    plot_inside_outside,
    small_unseen,
)


@pytest.fixture(scope="module")
def data() -> Development:
    """Three corpora: two share the words that give spam away, the third has others; a finding helps in all of them."""
    random = np.random.default_rng(0)
    rows = []
    for number in range(360):
        corpus = ("one", "two", "three")[number % 3]
        bad = random.random() < 0.5
        word = (("offer", "angebot") if bad else ("minutes", "protokoll"))[corpus == "three"]
        filler = [f"w{random.integers(30)}" for _ in range(6)]
        vector = [float(bad) + random.normal(0, 0.4), random.normal()]
        rows.append([corpus, "spam" if bad else "ham", f"{number:016x}", [word, *filler], vector])
    frame = pd.DataFrame(rows, columns=["corpus", "label", "cluster", "tokens", "vector"])
    return Development(frame, ("ham", "spam"), (frame["label"] == "spam").to_numpy().astype(np.intp))


def test_a_corpus_left_out_costs_the_reader_of_words_most(data: Development) -> None:
    table = small_unseen(data, LinearOptions(pairs=False), 0.01, 3, 7)
    assert len(table) == 3 * 2 * 4
    third = table[table["left_out"] == "without three"].set_index(["model", "judged"])["auc"]
    assert third["words", INSIDE] > 0.95
    assert third["words", OUTSIDE] < third["words", INSIDE]
    assert third["findings and features", OUTSIDE] > 0.85
    lost = falls(table, "auc")
    assert lost.index[-1] in ("words", "stack")
    assert plot_inside_outside(table, "auc", "AUC").axes[0].get_xlabel()


def test_what_cannot_be_left_out_is_not(data: Development) -> None:
    rows = data.frame.assign(corpus=data.frame["label"])
    table = small_unseen(Development(rows, data.labels, data.target), LinearOptions(pairs=False), 0.01, 3, 7)
    assert table.empty
    assert falls(table, "auc").empty


def test_committed_figures_become_tables() -> None:
    found = {"auc": 0.9}
    unseen = figures_table({"experiments": {"without one": {"fused": found, "baseline": found}}}, {"auc": "AUC"})
    assert unseen.loc[("without one", "fused"), "AUC"] == 0.9
    scores = pd.DataFrame({"sha256": ["a", "b"], "label": ["ham", "spam"], "threat": [0.1, 0.9], "split": "test"})
    scores = scores.assign(model="fused")
    attacks = pd.DataFrame({"attack": [NONE, "leetspeak"], "fused": [0.9, 0.0]})
    table = committed_table(robustness_figures(attacks, scores, ["fused"], 0.01))
    assert table.loc["leetspeak", ["fused", "lost"]].tolist() == [0.0, 1.0]


class Reader:
    """A model that wants to see the word `discount`."""

    def score(self, requests):
        return [SimpleNamespace(threat_probability=0.9 if b"discount" in item.raw else 0.1) for item in requests]


def test_attacks_before_and_after() -> None:
    raw = b"From: a@x.example\r\nSubject: offer\r\n\r\nA discount for you, discount discount discount.\r\n"
    table = attack_scores(Reader(), [ScoreRequest(raw), ScoreRequest(synthetic_mail("ham", 1))])
    assert list(table.columns) == [NONE, *ATTACKS]
    cost = damage(table, 0.5)
    assert cost.loc["image only", "lost"] == 0.5
    assert cost.loc["good words", "lost"] == 0.0
    assert len(before_and_after(raw)) == len(ATTACKS) + 1
    assert plot_attack_scores(table, 0.5).axes[0].get_xlabel()


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    random = np.random.default_rng(1)
    threat = random.beta(0.4, 0.4, 800)
    bad = random.random(800) < threat
    frame = pd.DataFrame({"threat": threat, "label": np.where(bad, "spam", "ham"), "cluster": range(800)})
    return frame.assign(corpus=random.choice(["one", "two"], 800), size=random.integers(500, 90_000, 800))


def test_calibration_by_slice(rows: pd.DataFrame) -> None:
    table = ece_by_slice(rows, 50)
    assert {"corpus", "size"} == set(table["by"])
    assert (table["ece"] < 3 * table["by_chance"]).all()
    assert reliability_by_slice(rows, 50).axes[0].get_xlabel()


def test_dear_alarms_raise_the_threshold(rows: pd.DataFrame) -> None:
    table = cost_table(rows, [1, 10], [0.5]).set_index("alarm")
    assert table.loc[1, "threshold"] < table.loc[10, "threshold"]
    assert table.loc[10, "threshold"] == pytest.approx(10 / 11, abs=0.12)
    assert plot_costs(rows, [1, 10, 100], 0.5).axes[0].get_xlabel()


def test_pictures_of_promises(rows: pd.DataFrame) -> None:
    promises = promise_table(rows, [0.05, 0.1], rows)
    figures = (
        plot_promises(promises),
        plot_coverage(coverage(rows, 0.9, 0.05), 0.05),
        plot_abstention(abstention_curve(rows, rows, 0.05, [0.05, 0.1]), 0.05),
    )
    assert all(axes.get_xlabel() for figure in figures for axes in figure.axes)


@pytest.mark.parametrize(
    ("band", "ids"),
    [
        (Band(0.31239, 0.87654), ["unwanted", "undecided", "clean"]),
        (Band(0.9, 0.9), ["unwanted", "clean"]),
        (Band(0.4, math.inf), ["undecided", "clean"]),
        (Band(math.inf, math.inf), ["clean"]),
    ],
)
def test_the_gateway_reads_the_policy(band: Band, ids: list[str]) -> None:
    data = yaml.safe_load(policy_fragment(band))
    assert [row["id"] for row in data["inbound"]] == ids
    parse_policy({**data, "outbound": [{"id": "clean", "then": "deliver"}]})


def test_rounding_weakens_no_promise() -> None:
    rows = yaml.safe_load(policy_fragment(Band(0.31239, 0.87654)))["inbound"]
    assert [row["when"] for row in rows[:2]] == [
        {"threat_probability": 0.8766},
        {"undecided": {"from": 0.3123, "below": 0.8766}},
    ]


def test_attacks_that_cost_too_much_are_named() -> None:
    scores = pd.DataFrame(
        {
            "model": "fused",
            "split": "test",
            "sha256": [f"{n:064x}" for n in range(100)],
            "label": ["ham"] * 50 + ["spam"] * 50,
            "threat": [0.1] * 50 + [0.9] * 50,
        }
    )
    threats = {NONE: 0, "mild": 2, "harsh": 4}  # threats of 40 that get away
    rows = [[name, 0.0 if n < away else 1.0] for name, away in threats.items() for n in range(40)]
    found = robustness_figures(pd.DataFrame(rows, columns=["attack", "fused"]), scores, ["fused"], 0.01, 0.05)
    assert found["beyond"] == ["harsh"]
    assert found["attacks"]["mild"]["fused"]["lost"] == 0.05


def test_a_band_saves_where_looking_is_cheap(rows: pd.DataFrame) -> None:
    table = band_table(rows, rows, [5.0], [0.01, 10.0])
    assert table.loc[0, "cost"] < table.loc[0, "cost without"]
    assert table.loc[1, "cost"] == table.loc[1, "cost without"]
    assert table.loc[1, "looked at"] == 0


def test_calibration_in_parts_is_drawn(rows: pd.DataFrame) -> None:
    table = ece_by_slice(rows, 20)
    assert len(plot_ece_by_slice(table, 3).axes[0].get_yticklabels()) == min(3, len(table))
