"""What the notebooks on shortcuts and identity show."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd

from seg_ml.artifact.occlusion import Attribution
from seg_ml.domain.envelope import AuthenticationResults, ScoreRequest
from seg_ml.domain.verdict import Explanation, Label, Verdict
from seg_ml.evaluation.compare import comparison
from seg_ml.evaluation.probe import probe_table
from seg_ml.mail.parse import parse
from seg_ml.testing.mail import synthetic_mail
from seg_ml.training.research.identity import (
    HONEST,
    HOSTILE,
    letter_pairs,
    other_letterheads,
    pair_scores,
    plot_clearing,
    plot_pairs,
    side_by_side,
)
from seg_ml.training.research.shortcuts import (
    KNOWN,
    NOTHING_FOUND,
    genre_table,
    header_name_matrix,
    plot_above_shortcuts,
    plot_genres,
    plot_probe,
    plot_session_effects,
    session_effects,
    year_matrix,
)
from seg_ml.training.research.verdicts import plot_readers


class Proud:
    """A model that believes whoever is proven, and reads nothing."""

    def score(self, requests):
        return [SimpleNamespace(threat_probability=self._threat(item.authentication)) for item in requests]

    def _threat(self, results: AuthenticationResults) -> float:
        return 0.2 if results.dmarc == "pass" else 0.9 if results.dmarc == "fail" else 0.5


def test_session_facts_are_taken_away_and_put_in() -> None:
    raw = synthetic_mail("ham", 1)
    known = ScoreRequest(raw, authentication=AuthenticationResults(dmarc="pass"))
    table = session_effects(Proud(), [known, replace(known, authentication=AuthenticationResults())])
    assert table["blind"].tolist() == [0.5, 0.5]
    assert table[KNOWN].tolist() == [0.2, 0.5]
    assert table[NOTHING_FOUND].tolist() == [0.5, 0.5]
    assert table["recorded"].tolist() == [True, False]
    figure = plot_session_effects(table, [False, True])
    assert figure.axes[0].get_xlabel()


def test_views_of_the_probe() -> None:
    names = header_name_matrix([synthetic_mail("ham", 1), b"Subject: x\n\ny"])
    assert names.shape[0] == 2
    assert names[0].nnz > names[1].nnz
    assert year_matrix(pd.Series([2002, None, 2006], dtype="Int16")).tolist() == [[2002, 0], [2004, 1], [2006, 0]]


def test_pictures_of_shortcuts_name_their_axes() -> None:
    rows = np.arange(60)
    probed = probe_table({"one": np.ones((60, 2))}, np.repeat("only", 60), rows)
    two = probe_table({"two": np.c_[rows, rows]}, np.where(rows < 30, "a", "b"), rows)
    assert all(plot_probe(table).axes[0].get_xlabel() for table in (probed, two, pd.concat([probed, two])))
    frame = pd.DataFrame({"label": ["ham", "spam"] * 20, "threat": [0.1, 0.9] * 20, "cluster": range(40)})
    frame = frame.assign(model="year only", split="test", sha256=[f"{n:064x}" for n in range(40)])
    assert plot_above_shortcuts(comparison(frame), "recall at 0.5 %").axes[0].get_xlabel()


def test_pairs_have_one_text_and_two_senders() -> None:
    pairs = letter_pairs(4, language="en")
    assert len(pairs) == 4
    for pair in pairs:
        honest, hostile = parse(pair.honest.raw), parse(pair.hostile.raw)
        assert honest.subject == hostile.subject
        assert honest.author.addr_spec != hostile.author.addr_spec or pair.hostile.authentication.dmarc != "pass"
        assert pair.honest.authentication.evaluated and pair.hostile.authentication.evaluated
    table = side_by_side(pairs[0])
    assert list(table.columns) == [HONEST, HOSTILE]
    assert table.loc["subject", HONEST] == table.loc["subject", HOSTILE]
    assert [pair.honest.raw for pair in letter_pairs(4, language="en")] == [pair.honest.raw for pair in pairs]


def test_another_letterhead_keeps_the_sender() -> None:
    pairs = letter_pairs(12, language="en")
    for pair, other in zip(pairs, other_letterheads(pairs), strict=True):
        own, changed = parse(pair.honest.raw), parse(other.raw)
        assert changed.author.addr_spec.rpartition("@")[2] == own.author.addr_spec.rpartition("@")[2]
        assert changed.subject != own.subject


def test_scores_and_pictures_of_pairs() -> None:
    table = pair_scores(Proud(), letter_pairs(5))
    assert (table[HOSTILE] >= table[HONEST]).mean() >= 0.5
    assert plot_pairs(table, HONEST, HOSTILE, "pairs").axes[0].get_ylabel()
    cleared = pd.DataFrame({"messages": [3], "share": [1.0]}, index=["had its sender been proven"])
    assert plot_clearing(cleared).axes[0].get_xlabel()


def test_genres_stand_beside_all_of_them_and_the_bound() -> None:
    part = {"messages": 40, "auc": 0.7, "shuffled_auc": 0.5}
    nothing = {"messages": 0, "auc": None, "shuffled_auc": None, "genres": {}}
    table = genre_table({"decision": {**part, "genres": {"list": part}}, "representation": nothing})
    assert table["genre"].tolist() == ["list", "all", "all"]
    assert table["auc"].isna().tolist() == [False, False, True]
    assert len(plot_genres(table, 0.9).axes[0].get_yticklabels()) == 3


def test_either_reader_shows_its_words() -> None:
    verdict = Verdict(Label.SPAM, {"ham": 0.1, "spam": 0.9}, explanation=Explanation(words=(("prize", 1.0),)))
    figure = plot_readers(verdict, Attribution(words=(("win$", 0.5), ("kind", -0.1))))
    shown = [[label.get_text() for label in axes.get_yticklabels()] for axes in figure.axes]
    assert shown == [["prize"], ["win\\$", "kind"]]
