"""RAR archives that a password of the text opens: those that the library `rarfile` is tested with, from its source."""

from __future__ import annotations

import sys
import tarfile
from pathlib import Path

import pytest

from seg_ml.domain.message import Part
from seg_ml.signatures.unpack import rars
from seg_ml.signatures.unpack.archive import Archive
from seg_ml.signatures.unpack.limits import DEFAULT_ARCHIVE_LIMITS, ArchiveLimits, Budget

SOURCES = Path(sys.prefix) / "share" / "rarfile"
LOCKED = ("rar5-psw.rar", "rar5-psw-blake.rar", "rar5-hpsw.rar", "rar202-comment-psw.rar")


def content_of(name: str) -> bytes:
    (source,) = SOURCES.glob("rarfile-*.tar.gz")
    with tarfile.open(source) as archive:
        member = next(item for item in archive.getnames() if item.endswith(f"/test/files/{name}"))
        stream = archive.extractfile(member)
        assert stream is not None
        return stream.read()


def opened(name: str, *passwords: str, content: bytes = b"", limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS) -> Archive:
    part = Part("2", "application/vnd.rar", content or content_of(name), filename=name, disposition="attachment")
    return rars.read_rar(part, passwords, Budget(limits))


@pytest.mark.parametrize("name", LOCKED)
def test_a_password_of_the_text_opens_it(name: str) -> None:
    archive = opened(name, "not this one", "password")
    assert archive.password == "password" and archive.encrypted == ()
    assert len(archive.members) == len(archive.names) == 2
    assert all(member.content for member in archive.members)


@pytest.mark.parametrize("name", LOCKED)
@pytest.mark.parametrize("passwords", [(), ("wrong",), ("-p", "--help", "$(id)")])
def test_without_the_password_it_stays_closed_and_says_so(name: str, passwords: tuple[str, ...]) -> None:
    archive = opened(name, *passwords)
    assert archive.encrypted and archive.password is None and archive.members == ()


def test_no_program_no_files_but_still_encrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rars, "bounded", lambda name: None)
    assert opened("rar5-psw.rar", "password").encrypted == ("stest1.txt", "stest2.txt")


def test_no_password_is_tried_when_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rars, "SECONDS", -1)
    assert opened("rar5-psw.rar", "password").encrypted == ("stest1.txt", "stest2.txt")


def test_an_archive_that_asks_for_a_long_derivation_keeps_its_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rars, "MAX_KEY_POWER", 14)  # the archive asks for 2**15 rounds
    assert opened("rar5-hpsw.rar", "password").password is None


def test_limits_hold_for_what_a_password_opens() -> None:
    assert opened("rar5-psw.rar", "password", limits=ArchiveLimits(expanded=1_000)).excess


@pytest.mark.parametrize("length", [0, 7, 60, 150, 400])
def test_a_damaged_one_never_raises(length: int) -> None:
    content = content_of("rar5-psw.rar")
    archive = opened("rar5-psw.rar", "password", content=content[:length] + bytes(40))
    assert archive.members == () or archive.password is None
