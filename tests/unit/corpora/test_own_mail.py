import csv
import mailbox

import pytest
from rich.console import Console

from seg_ml.corpora.add import add
from seg_ml.corpora.sources.own import OwnMail
from seg_ml.domain.errors import CorpusError
from seg_ml.domain.verdict import Label
from seg_ml.mail.parse import parse

QUIET = Console(quiet=True)


def _read(path, label=None):
    return list(OwnMail("mine", path, label).messages())


def test_folder_of_eml_takes_labels_from_folders(tmp_path, mail):
    for name in ("spam/2.eml", "ham/1.eml", "ham/deep/ham/3.eml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(mail(name))
    (tmp_path / "ham" / "notes.txt").write_text("not a message")
    found = [(item.source_path, str(item.label)) for item in _read(tmp_path)]
    assert found == [("ham/1.eml", "ham"), ("ham/deep/ham/3.eml", "ham"), ("spam/2.eml", "spam")]


def test_given_label_holds_for_all(tmp_path, mail):
    (tmp_path / "a.eml").write_bytes(mail())
    assert [item.label for item in _read(tmp_path, Label.FRAUD)] == [Label.FRAUD]
    assert [item.label for item in _read(tmp_path / "a.eml", Label.BULK)] == [Label.BULK]


def test_mbox_keeps_order_and_envelope_sender(tmp_path, mail):
    box = mailbox.mbox(tmp_path / "inbox")
    for subject in ("first", "second"):
        message = mailbox.mboxMessage(mail(subject))
        message.set_from("bounce@example.org Thu Jan  1 00:00:00 2004")
        box.add(message)
    box.close()
    found = _read(tmp_path / "inbox", Label.HAM)
    assert [parse(item.raw).subject for item in found] == ["first", "second"]
    assert [item.source_path for item in found] == ["inbox:000000", "inbox:000001"]
    assert found[0].raw.startswith(b"From bounce@example.org ")


def test_maildir_reads_new_and_cur_but_not_tmp(tmp_path, mail):
    box = mailbox.Maildir(tmp_path / "Maildir")
    box.add(mail("unseen"))
    (tmp_path / "Maildir" / "cur" / "1.host:2,S").write_bytes(mail("seen"))
    (tmp_path / "Maildir" / "tmp" / "2.host").write_bytes(mail("half"))
    found = _read(tmp_path / "Maildir", Label.HAM)
    assert sorted(parse(item.raw).subject for item in found) == ["seen", "unseen"]


def _table(path, *rows):
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(rows)
    return path


def test_csv_with_whole_messages_keeps_their_bytes(tmp_path):
    raw = b"Subject: caf\xe9\r\n\r\nline, with comma\r\n"
    path = tmp_path / "mail.csv"
    path.write_bytes(b'raw,label\r\n"' + raw + b'",Phishing\r\n')
    (item,) = _read(path)
    assert (item.raw, item.label, item.source_path) == (raw, Label.PHISHING, "mail.csv:2")


def test_csv_with_subject_and_body_becomes_messages(tmp_path):
    path = _table(
        tmp_path / "mail.csv",
        ["Subject", "Body", "Label", "From", "Date"],
        [
            "Prix\nréduit",
            "<html><p>Venez</p></html>",
            "spam",
            "Shop <shop@example.org>",
            "Mon, 5 Feb 2024 10:00:00 +0100",
        ],
        ["Lunch", "at one?", "ham", "", ""],
    )
    first, second = (parse(item.raw) for item in _read(path))
    assert (first.subject, first.text.strip(), first.author.addr_spec) == ("Prix réduit", "Venez", "shop@example.org")
    assert (second.subject, second.text.strip()) == ("Lunch", "at one?")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([["title"], ["x"]], "is needed"),
        ([["subject", "body", "label"], ["", "", "ham"]], "row 2 is empty"),
        ([["subject", "body", "label"], ["a", "b", "good"]], "'good' is none of ham"),
        ([["subject", "body"], ["a", "b"]], "pass --label"),
    ],
)
def test_csv_that_does_not_fit_says_why(tmp_path, rows, words):
    with pytest.raises(CorpusError, match=words):
        _read(_table(tmp_path / "mail.csv", *rows))


def test_what_is_no_message_is_named(tmp_path):
    (tmp_path / "ham").mkdir()
    (tmp_path / "ham" / "picture.eml").write_bytes(b"\x89PNG\r\n")
    with pytest.raises(CorpusError, match=r"picture\.eml does not begin with a header"):
        _read(tmp_path)
    (tmp_path / "notes").write_text("words\n")
    with pytest.raises(CorpusError, match="is no mbox"):
        _read(tmp_path / "notes")
    with pytest.raises(CorpusError, match="does not exist"):
        _read(tmp_path / "nowhere")
    with pytest.raises(CorpusError, match="corpora add"):
        list(OwnMail().messages())


def test_added_mail_becomes_a_corpus(tmp_path, mail):
    (tmp_path / "a.eml").write_bytes(mail())
    record = add(tmp_path / "a.eml", "inbox-2024", Label.HAM, tmp_path / "raw", shippable=False, console=QUIET)
    assert (record.id, record.messages, record.labels, record.shippable) == ("inbox-2024", 1, {"ham": 1}, False)
    assert (tmp_path / "raw" / "inbox-2024.parquet").is_file()


def test_name_clash_raises_and_changes_nothing(tmp_path, mail):
    (tmp_path / "a.eml").write_bytes(mail())
    add(tmp_path / "a.eml", "inbox", Label.HAM, tmp_path, console=QUIET)
    before = (tmp_path / "inbox.parquet").read_bytes()
    for corpus_id in ("inbox", "spamassassin", "own"):
        with pytest.raises(CorpusError, match="is taken"):
            add(tmp_path / "a.eml", corpus_id, Label.SPAM, tmp_path, console=QUIET)
    assert (tmp_path / "inbox.parquet").read_bytes() == before


@pytest.mark.parametrize("corpus_id", ["", "Inbox", "../x", "a b", "-x", "x" * 64])
def test_id_that_is_no_name_raises(tmp_path, corpus_id):
    with pytest.raises(CorpusError, match="--id"):
        add(tmp_path, corpus_id, Label.HAM, tmp_path, console=QUIET)


def test_empty_folder_is_an_error(tmp_path):
    with pytest.raises(CorpusError, match="no messages in"):
        add(tmp_path, "inbox", Label.HAM, tmp_path / "raw", console=QUIET)
    assert not list((tmp_path / "raw").glob("*"))
