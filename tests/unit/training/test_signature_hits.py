"""Hits of the signatures: the tally, the bound on wanted mail, the stage over a small corpus, and its table here."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from seg_ml.corpora.add import add
from seg_ml.domain.verdict import Finding, Label, Severity, Surface
from seg_ml.evaluation.signature_hits import COLUMNS, Place, Tally, beyond_bound, hits_markdown
from seg_ml.testing.mail import write_folder
from seg_ml.training.params import Params
from seg_ml.training.signatures import HITS, HITS_PAGE, measure_signatures

TABLE = Path(__file__).parents[3] / "data" / "evaluation" / HITS


def finding(name: str, severity: Severity) -> Finding:
    return Finding(name, severity, "seen", Surface.BODY)


def tally(grave: int, label: str = "ham") -> Tally:
    found = Tally()
    for number in range(2000):
        findings = [finding("x", Severity.HIGH), finding("x", Severity.HIGH)] if number < grave else []
        found.add(Place("corpus", label), [*findings, finding("y", Severity.MEDIUM)])
    return found


def test_a_message_counts_once_for_a_signature() -> None:
    table = tally(2).table()
    assert tuple(table.columns) == COLUMNS
    assert table.to_dict("records") == [
        {"corpus": "corpus", "label": "ham", "signature": "x", "severity": "high", "messages": 2000, "hits": 2,
         "rate": 0.001},
        {"corpus": "corpus", "label": "ham", "signature": "y", "severity": "medium", "messages": 2000, "hits": 2000,
         "rate": 1.0},
    ]  # fmt: skip


@pytest.mark.parametrize(("grave", "label", "broken"), [(2, "ham", 0), (3, "ham", 1), (3, "bulk", 1), (3, "spam", 0)])
def test_the_bound_on_wanted_mail(grave: int, label: str, broken: int) -> None:
    found = tally(grave, label)
    table = found.table()
    assert len(beyond_bound(table)) == broken
    page = hits_markdown(table, found.messages)
    assert ("None." in page, "`x` is high on 3 of 2000" in page) == (not broken, bool(broken))


def test_the_stage_reads_what_lies_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEG_CORPORA_DIR", str(tmp_path / "none"))
    for label in (Label.HAM, Label.SPAM):
        add(write_folder(tmp_path / "mail" / label, label.value, 20), f"tiny-{label}", label, tmp_path / "data" / "raw")
    measure_signatures(Params({}))
    table = pd.read_csv(tmp_path / "data" / "evaluation" / HITS)
    assert tuple(table.columns) == COLUMNS
    assert set(table["messages"]) <= {20} and {"tiny-spam"} <= set(table["corpus"])
    assert "tiny-ham ham (20)" in (tmp_path / "data" / "evaluation" / HITS_PAGE).read_text()


def test_no_grave_signature_hits_wanted_mail() -> None:
    table = pd.read_csv(TABLE)
    assert beyond_bound(table).to_dict("records") == []
    assert "signature-error" not in set(table["signature"])
