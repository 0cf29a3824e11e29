import pytest

from seg_ml.corpora import archive
from seg_ml.corpora.archive import ArchiveSource, checked, corpora_dir, tar_members
from seg_ml.corpora.card import load_card
from seg_ml.domain.errors import CorpusError


@pytest.fixture
def source(tmp_path, monkeypatch, cards, tar, mail):
    """An archive of three messages in `$SEG_CORPORA_DIR`."""
    files = {
        "small/spam/2.eml": mail("Win"),
        "small/ham/9.eml": mail("Minutes"),
        "small/ham/1.eml": mail("Lunch"),
        "small/notes.txt": b"not a message",
    }
    sha256 = tar(tmp_path / "small.tar.gz", files)
    folder = cards("small", "small.tar.gz", sha256, {"ham": "ham", "spam": "spam"})
    monkeypatch.setenv("SEG_CORPORA_DIR", str(tmp_path))
    monkeypatch.setattr(archive, "load_card", lambda corpus_id: load_card(corpus_id, folder))
    return ArchiveSource("small")


def test_messages_come_by_name_with_the_label_of_their_folder(source):
    found = [(mail.source_path, mail.kind, str(mail.label)) for mail in source.messages()]
    assert found == [
        ("small/ham/1.eml", "ham", "ham"),
        ("small/ham/9.eml", "ham", "ham"),
        ("small/spam/2.eml", "spam", "spam"),
    ]


def test_other_bytes_are_refused(source, tmp_path):
    with (tmp_path / "small.tar.gz").open("ab") as stream:
        stream.write(b"\0")
    with pytest.raises(CorpusError, match=r"small\.tar\.gz is damaged or another version"):
        list(source.messages())


def test_missing_archive_says_where_it_is_looked_for(source, tmp_path):
    (tmp_path / "small.tar.gz").unlink()
    with pytest.raises(CorpusError, match="SEG_CORPORA_DIR"):
        list(source.messages())


def test_folder_that_the_card_does_not_know_is_refused(tmp_path, monkeypatch, cards, tar, mail):
    sha256 = tar(tmp_path / "small.tar.gz", {"small/grey/1.eml": mail()})
    folder = cards("small", "small.tar.gz", sha256, {"ham": "ham"})
    monkeypatch.setenv("SEG_CORPORA_DIR", str(tmp_path))
    monkeypatch.setattr(archive, "load_card", lambda corpus_id: load_card(corpus_id, folder))
    with pytest.raises(CorpusError, match="'grey'"):
        list(ArchiveSource("small").messages())


def test_what_is_no_archive_is_refused(tmp_path):
    path = tmp_path / "x.tar"
    path.write_bytes(b"plain words")
    with pytest.raises(CorpusError, match=r"x\.tar cannot be read"):
        list(tar_members(path, lambda name: True))


def test_oversized_member_is_refused(tmp_path, tar, monkeypatch):
    tar(tmp_path / "x.tar.gz", {"a.eml": b"12345"})
    monkeypatch.setattr(archive, "MESSAGE_BYTES", 4)
    with pytest.raises(CorpusError, match=r"a\.eml has 5 bytes"):
        list(tar_members(tmp_path / "x.tar.gz", lambda name: True))


def test_default_folder_stands_beside_the_checkout(monkeypatch):
    monkeypatch.delenv("SEG_CORPORA_DIR", raising=False)
    assert corpora_dir().parts[-2:] == ("shared", "corpora")


def test_checked_gives_the_path_of_the_right_file(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"")
    assert checked(path, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "") == path
