"""Mail by other hands: every figure follows from the probabilities, and the threshold from other mail."""

import json
from pathlib import Path

import pandas as pd
import pytest

from seg_ml.evaluation.metrics import threshold_at
from seg_ml.evaluation.scores import of_model, threat, unwanted
from seg_ml.evaluation.strangers import AS_STORED, UNKNOWN, mail_by_others, write_strangers
from seg_ml.mail.parse import parse

FOLDER = Path(__file__).resolve().parents[3] / "data" / "strangers"


@pytest.fixture(scope="module")
def mail():
    return list(mail_by_others(FOLDER))


def table(threshold: float) -> pd.DataFrame:
    """Three wanted and two unwanted messages; as stored, one of either side is on the wrong side of the threshold."""
    high, low = min(1.0, threshold + 1e-6), 0.0
    stored = [high, low, low, high, low]
    names = ["001-receipt.eml", "002-note.eml", "003-list.eml", "001-phishing-parcel.eml", "002-spam-pills.eml"]
    rows = [
        {
            "set": written,
            "name": name,
            "unwanted": number >= 3,
            "session": session,
            "fused": (value if written == "2026-12" else low) if session == AS_STORED else 0.5,
        }
        for written in ("2026-11", "2026-12")
        for session in (AS_STORED, UNKNOWN)
        for number, (name, value) in enumerate(zip(names, stored, strict=True))
    ]
    return pd.DataFrame(rows)


def test_what_is_caught_and_flagged_is_counted_at_the_threshold_of_the_test_split(scores, tmp_path: Path) -> None:
    rows = of_model(scores, "fused")
    threshold = threshold_at(unwanted(rows), threat(rows), 0.01)
    figures = write_strangers(table(threshold), scores, ["fused"], 0.01, tmp_path)
    assert json.loads((tmp_path / "strangers.json").read_text()) == figures
    newest = figures["sets"]["2026-12"]
    stored = newest["sessions"][AS_STORED]["fused"]
    assert (newest["wanted"], newest["unwanted"]) == (3, 2)
    assert (stored["caught"]["share"], stored["flagged"]["share"]) == (0.5, 0.3333)
    assert stored["flagged"]["low"] < 0.3333 < stored["flagged"]["high"]
    assert newest["kinds"] == {"phishing": {"messages": 1, "caught": 1.0}, "spam": {"messages": 1, "caught": 0.0}}
    assert figures["sets"]["2026-11"]["sessions"][AS_STORED]["fused"]["caught"]["share"] == 0.0
    page = (tmp_path / "strangers.md").read_text()
    assert page.index("| 2026-12 (3 wanted + 2 unwanted) |") < page.index("| 2026-11 (3 wanted + 2 unwanted) |")
    assert "| 50.0 % (" in page
    assert "2026-12: phishing 100.0 % of 1, spam 0.0 % of 1; 2026-11: phishing 0.0 %" in page


def test_both_sides_are_there_and_every_message_is_whole(mail) -> None:
    for written in {one[0] for one in mail}:
        of_set = [(name, unwanted_too) for one, name, unwanted_too, _ in mail if one == written]
        bad = [name for name, unwanted_too in of_set if unwanted_too]
        assert len(bad) >= 100 and len(of_set) - len(bad) >= 100
        assert {name.split("-")[1] for name in bad} == {"phishing", "spam", "fraud", "malware"}
    for _, name, _, raw in mail:
        message = parse(raw)
        assert message.author.domain and message.header("Date") and (message.text.strip() or message.parts), name


def test_no_message_is_of_a_corpus_or_there_twice(mail) -> None:
    assert len({raw for *_, raw in mail}) == len(mail)
    words = (b"spamassassin.taint.org", b"speedy.uwaterloo.ca", b"monkey.org")
    assert not any(word in raw for *_, raw in mail for word in words)
