import json
from dataclasses import dataclass, field

import pyarrow.parquet as pq
import pytest
from rich.console import Console

from seg_ml.corpora import fetch as module
from seg_ml.corpora.card import Card
from seg_ml.corpora.catalogue import RawMail
from seg_ml.corpora.fetch import corpus_files, fetch, fetched, problems, verify
from seg_ml.domain.catalogue import Catalogue
from seg_ml.domain.errors import ConfigError, CorpusError
from seg_ml.domain.verdict import Label

QUIET = Console(quiet=True)


@dataclass
class Source:
    """A source in memory; `reads` counts how often it was asked."""

    id: str
    mails: list
    pinned: str = "v1"
    reads: list = field(default_factory=list)
    origin: str = "memory"

    @property
    def card(self):
        return Card(self.id, self.id, "", self.pinned, "test", True, len(self.mails), {"ham": Label.HAM})

    def messages(self):
        self.reads.append(1)
        for mail in self.mails:
            if isinstance(mail, Exception):
                raise mail
            yield mail


@pytest.fixture
def register(monkeypatch):
    catalogue = Catalogue("corpus", "tests_have_no_package")
    catalogue._discovered = True
    monkeypatch.setattr(module, "CORPORA", catalogue)

    def add(corpus_id, mails):
        return catalogue.register(corpus_id, Source(corpus_id, mails))

    return add


def _mails(*subjects):
    return [RawMail(f"Subject: {text}\n\nwords\n".encode(), "ham", Label.HAM, f"{text}.eml") for text in subjects]


def test_one_parquet_and_one_record_per_corpus(register, tmp_path):
    register("small", _mails("a", "b"))
    (record,) = fetch(["small"], tmp_path, QUIET)
    table = pq.read_table(tmp_path / "small.parquet")
    assert table.column_names == ["sha256", "corpus", "kind", "label", "source_path", "raw"]
    assert table["source_path"].to_pylist() == ["a.eml", "b.eml"]
    assert record.labels == {"ham": 2}
    assert json.loads((tmp_path / "small.json").read_text())["fetched_from"] == "memory"
    assert {path.name for path in tmp_path.iterdir()} == {"small.parquet", "small.json"}


def test_what_is_there_is_not_read_again(register, tmp_path):
    source = register("small", _mails("a"))
    assert fetch(["small"], tmp_path, QUIET) == fetch(["small"], tmp_path, QUIET)
    assert len(source.reads) == 1


def test_same_source_gives_the_same_bytes(register, tmp_path):
    register("small", _mails("a", "b"))
    (one,) = fetch(["small"], tmp_path / "one", QUIET)
    (two,) = fetch(["small"], tmp_path / "two", QUIET)
    assert one == two


@pytest.mark.parametrize("harm", ["cut", "no-record", "new-pin"])
def test_what_is_not_whole_is_fetched_again(register, tmp_path, harm):
    source = register("small", _mails("a"))
    fetch(["small"], tmp_path, QUIET)
    if harm == "cut":
        (tmp_path / "small.parquet").write_bytes(b"PAR1")
    elif harm == "no-record":
        (tmp_path / "small.json").unlink()
    else:
        source.pinned = "v2"
    assert problems("small", tmp_path)
    fetch(["small"], tmp_path, QUIET)
    assert problems("small", tmp_path) == []
    assert len(source.reads) == 2


def test_source_that_breaks_half_way_leaves_nothing(register, tmp_path):
    register("small", [*_mails("a"), CorpusError("cable cut")])
    with pytest.raises(CorpusError, match="cable cut"):
        fetch(["small"], tmp_path, QUIET)
    assert list(tmp_path.iterdir()) == []


def test_source_that_breaks_leaves_the_older_fetch_alone(register, tmp_path):
    source = register("small", _mails("a"))
    fetch(["small"], tmp_path, QUIET)
    source.pinned, source.mails = "v2", [CorpusError("cable cut")]
    before = (tmp_path / "small.parquet").read_bytes()
    with pytest.raises(CorpusError, match="cable cut"):
        fetch(["small"], tmp_path, QUIET)
    assert (tmp_path / "small.parquet").read_bytes() == before


def test_source_without_messages_is_an_error(register, tmp_path):
    register("small", [])
    with pytest.raises(CorpusError, match="no messages"):
        fetch(["small"], tmp_path, QUIET)


def test_unknown_id_names_the_known_ones(register, tmp_path):
    register("small", _mails("a"))
    with pytest.raises(ConfigError, match="known are: small"):
        fetch(["large"], tmp_path, QUIET)


def test_added_corpus_needs_no_source(register, tmp_path, monkeypatch):
    register("mine", _mails("a"))
    fetch(["mine"], tmp_path, QUIET)
    monkeypatch.setattr(module, "CORPORA", [])
    assert fetch(["mine"], tmp_path, QUIET)[0].messages == 1
    (tmp_path / "mine.parquet").write_bytes(b"PAR1")
    with pytest.raises(CorpusError, match="seg-ml corpora add"):
        fetch(["mine"], tmp_path, QUIET)


def test_verify_finds_a_message_that_was_changed(register, tmp_path):
    register("small", _mails("a", "b"))
    fetch(["small"], tmp_path, QUIET)
    table = pq.read_table(tmp_path / "small.parquet")
    changed = table.set_column(5, table.field("raw"), [[b"other", b"bytes"]])
    pq.write_table(changed, tmp_path / "small.parquet")
    assert "sha256 differs" in verify(None, tmp_path)["small"][0]
    record = json.loads((tmp_path / "small.json").read_text())
    record["sha256"] = module.file_sha256(tmp_path / "small.parquet")
    (tmp_path / "small.json").write_text(json.dumps(record))
    assert len(verify(["small"], tmp_path)["small"]) == 2


def test_verify_says_what_is_not_there(register, tmp_path):
    register("small", _mails("a"))
    assert "does not exist" in verify(["small"], tmp_path)["small"][0]
    assert verify(None, tmp_path) == {}


def test_files_are_given_only_where_all_are_whole(register, tmp_path):
    register("one", _mails("a"))
    register("two", _mails("b"))
    fetch(["one"], tmp_path, QUIET)
    with pytest.raises(CorpusError, match="two"):
        corpus_files(["one", "two"], tmp_path)
    fetch(["two"], tmp_path, QUIET)
    assert corpus_files(["two", "one"], tmp_path) == [tmp_path / "two.parquet", tmp_path / "one.parquet"]
    assert [record.id for record in fetched(tmp_path)] == ["one", "two"]


def test_strange_record_is_named(register, tmp_path):
    register("small", _mails("a"))
    (tmp_path / "small.json").write_text("[]")
    with pytest.raises(CorpusError, match=r"small\.json is not the record"):
        fetch(["small"], tmp_path, QUIET)
