import json

import pandas as pd
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from seg_ml.corpora.card import Card
from seg_ml.corpora.catalogue import RawMail
from seg_ml.corpora.prepare import prepare
from seg_ml.corpora.requests import score_requests
from seg_ml.corpora.schema import PREPARED, read_prepared, validated
from seg_ml.corpora.store import write_corpus
from seg_ml.domain.envelope import AuthenticationResults, Envelope
from seg_ml.domain.errors import CorpusError
from seg_ml.domain.verdict import Label

QUIET = Console(quiet=True)
LETTER = "The committee meets on the first floor and would like you to bring all the papers of last year with you. " * 2
SERMON = "Grow rich while sleeping with our secret of the ancients which kings and queens kept from their peoples. " * 2


@pytest.fixture
def prepared(tmp_path):
    """Write corpora of (label, raw) pairs, prepare them; gives report and frame."""

    def run(**corpora):
        paths = []
        for corpus_id, mails in corpora.items():
            card = Card(corpus_id, corpus_id, "", "", "test", True, 0, {})
            items = [RawMail(raw, f"{label}-1", Label(label), f"{n}.eml") for n, (label, raw) in enumerate(mails)]
            write_corpus(card, "memory", items, tmp_path)
            paths.append(tmp_path / f"{corpus_id}.parquet")
        output = tmp_path / "prepared" / "messages.parquet"
        return prepare(paths, output, console=QUIET), read_prepared(output)

    return run


def test_exact_copies_are_dropped_across_corpora(prepared, mail):
    report, frame = prepared(
        one=[("ham", mail("a", LETTER))], two=[("ham", mail("a", LETTER)), ("spam", mail("b", SERMON))]
    )
    assert (report.read, report.exact_copies, report.kept) == (3, 1, 2)
    assert frame["corpus"].tolist() == ["one", "two"]


def test_exact_copies_under_two_labels_are_all_dropped(prepared, mail):
    report, frame = prepared(one=[("ham", mail("a", LETTER)), ("spam", mail("a", LETTER)), ("ham", mail("b", SERMON))])
    assert (report.exact_conflicts, report.exact_copies, report.kept) == (2, 0, 1)
    assert frame["label"].tolist() == ["ham"]


def test_near_copies_of_a_label_are_dropped_and_the_first_stays(prepared, mail):
    mails = [("spam", mail(f"Order {n}", f"{SERMON} http://x{n}.example/")) for n in range(4)]
    report, frame = prepared(one=mails)
    assert (report.near_copies, report.kept, report.clusters) == (3, 1, 1)
    assert frame["source_path"].tolist() == ["0.eml"]


def test_near_copies_under_two_labels_stay_in_one_cluster(prepared, mail):
    report, frame = prepared(one=[("ham", mail("a", LETTER))], two=[("spam", mail("a", LETTER + "ok"))])
    assert (report.near_copies, report.near_conflicts, report.kept) == (0, 2, 2)
    assert frame["cluster"].nunique() == 1


def test_campaigns_join_across_corpora_and_others_stay_apart(prepared, mail):
    half = LETTER + "Quite a few more words of another kind stand at the end of this one. "
    _, frame = prepared(one=[("ham", mail("a", LETTER))], two=[("ham", mail("a", half)), ("ham", mail("b", SERMON))])
    assert frame["cluster"].nunique() == 2
    assert frame["cluster"][0] == frame["cluster"][1] == frame["sha256"][:2].min()[:16]


def test_recipient_side_is_removed_after_its_facts_are_read(prepared, mail):
    raw = (
        b"Return-Path: <bounce@news.example>\n"
        b"X-Spam-Status: Yes\n"
        b"Authentication-Results: mx.site.example; spf=pass smtp.mailfrom=news.example; dkim=pass header.d=news.example\n"
        b"Received: from out.news.example (out.news.example [8.8.4.4]) by mx.site.example; Mon, 5 Feb 2024 10:00:00 +0000\n"
    ) + mail("a", LETTER, Date="Mon, 5 Feb 2024 09:59:00 +0000")
    _, frame = prepared(one=[("ham", raw), ("spam", mail("b", SERMON))])
    assert b"X-Spam-Status" not in frame["raw"][0] + frame["raw"][1]
    assert b"Received" not in frame["raw"][0]
    assert frame["size"][0] == len(frame["raw"][0])
    assert str(frame["date"][0]) == "2024-02-05 09:59:00+00:00"
    assert frame["year"][0] == 2024
    assert frame["language"].tolist() == ["en", "en"]
    first, second = score_requests(frame)
    assert first.envelope == Envelope(client_ip="8.8.4.4", helo="out.news.example", reverse_path="bounce@news.example")
    assert first.authentication == AuthenticationResults(
        spf="pass",
        spf_domain="news.example",
        dkim="pass",
        dkim_domains=("news.example",),
        iprev="pass",
        client_name="out.news.example",
    )
    assert (second.envelope, second.authentication) == (Envelope(), AuthenticationResults())
    assert second.raw == frame["raw"][1]


def test_columns_are_those_of_the_schema_and_counts_lie_beside(prepared, mail, tmp_path):
    report, frame = prepared(one=[("ham", mail())])
    assert list(frame.columns) == list(PREPARED.columns)
    written = json.loads((tmp_path / "prepared" / "messages.json").read_text())
    assert written["kept"] == report.kept == 1
    assert written["kept_by_label"] == {"ham": 1}


def test_same_input_gives_the_same_bytes(prepared, mail, tmp_path):
    mails = [("ham", mail(f"{n}", f"{LETTER} {'word ' * n}")) for n in range(5)]
    prepared(one=mails)
    first = (tmp_path / "prepared" / "messages.parquet").read_bytes()
    prepared(one=mails)
    assert (tmp_path / "prepared" / "messages.parquet").read_bytes() == first


def test_broken_mail_is_prepared_like_any_other(prepared):
    raws = [b"", b"\n", b"\xff\xfe", b"Date: never\n\n\0", b"Content-Type: multipart/mixed; boundary=x\n\n--x\n"]
    report, frame = prepared(one=[("spam", raw) for raw in raws])
    assert report.kept == len(raws)
    assert frame["date"].isna().all()


def test_missing_file_says_to_fetch(tmp_path):
    with pytest.raises(CorpusError, match=r"absent\.parquet: fetch"):
        prepare([tmp_path / "absent.parquet"], tmp_path / "out.parquet", console=QUIET)
    with pytest.raises(CorpusError, match="prepare the corpora first"):
        read_prepared(tmp_path / "out.parquet")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("label", "wanted"),
        ("spf", "maybe"),
        ("sha256", "ab"),
        ("cluster", ""),
        ("year", 1900),
        ("size", -1),
        ("raw", "text"),
    ],
)
def test_schema_refuses(prepared, mail, column, value):
    _, frame = prepared(one=[("ham", mail())])
    frame[column] = pd.Series([value], dtype=object if column == "raw" else None)
    with pytest.raises(CorpusError, match=column):
        validated(frame)


def test_schema_refuses_a_hash_that_stands_twice(prepared, mail):
    _, frame = prepared(one=[("ham", mail())])
    with pytest.raises(CorpusError, match="sha256"):
        validated(pd.concat([frame, frame], ignore_index=True))


def test_file_has_the_declared_types(prepared, mail, tmp_path):
    prepared(one=[("ham", mail())])
    schema = pq.read_schema(tmp_path / "prepared" / "messages.parquet")
    assert str(schema.field("dkim_domains").type) == "list<element: string>"
    assert str(schema.field("date").type) == "timestamp[us, tz=UTC]"
    assert str(schema.field("raw").type) == "binary"
