"""ARJ and WIM: names as they stand, contents where nothing is packed, damage and bounds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seg_ml.domain.message import Part
from seg_ml.signatures.unpack.archive import Archive
from seg_ml.signatures.unpack.arjs import read_arj
from seg_ml.signatures.unpack.limits import ArchiveLimits, Budget
from seg_ml.signatures.unpack.wims import read_wim

sys.path.append(str(Path(__file__).parents[2] / "fixtures" / "signatures"))
from packed_files import arj, wim

READERS = {b"\x60\xea": read_arj, b"MS": read_wim}


def read(content: bytes, **limits: int) -> Archive:
    part = Part("2", "application/octet-stream", content, filename="a", disposition="attachment")
    return READERS[content[:2]](part, (), Budget(ArchiveLimits(**limits)))


def held(archive: Archive) -> list[tuple[str | None, bytes]]:
    return [(member.filename, member.content) for member in archive.members]


def test_an_arj_tells_its_names_and_gives_what_it_stores() -> None:
    archive = read(arj(("docs\\a.txt", b"stored", 0), ("b.exe", b"packed", 1)))
    assert (archive.names, held(archive)) == (("docs/a.txt", "b.exe"), [("docs/a.txt", b"stored")])
    assert (archive.unread, archive.damage) == ("arj, which is not opened", "")


def test_an_arj_of_stored_files_is_read() -> None:
    archive = read(arj(("a.txt", b"stored", 0)))
    assert (archive.unread, archive.damage, archive.encrypted) == ("", "", ())


def test_garbled_files_are_encrypted() -> None:
    assert read(arj(("a.txt", b"garbled", 0), garbled=True)).encrypted == ("a.txt",)


def test_a_wim_is_read_through_its_folders() -> None:
    archive = read(wim(("a.txt", b"one"), ("b.exe", b"two"), ("empty", b"")))
    assert held(archive) == [("orders/a.txt", b"one"), ("orders/b.exe", b"two"), ("orders/empty", b"")]
    assert archive.unread == ""


def test_a_packed_wim_says_how_many_files_it_holds() -> None:
    archive = read(wim(("a.txt", b"one"), ("b.exe", b"two"), packed=True))
    assert (archive.names, archive.unread) == ((), "wim, packed, with 2 files")


@pytest.mark.parametrize("make", [lambda files: arj(*((n, c, 0) for n, c in files)), lambda files: wim(*files)])
def test_the_limits_of_archives_hold(make: Callable[[list[tuple[str, bytes]]], bytes]) -> None:
    content = make([(f"{n}.txt", b"x" * 100) for n in range(40)])
    assert read(content, members=20).limit == "archive-members-limit"
    assert read(content, expanded=1000).limit == "archive-size-limit"


@pytest.mark.parametrize(
    "content",
    [
        b"\x60\xea",
        b"\x60\xea\xff\xff" + bytes(70_000),
        b"\x60\xea\x22\x00" * 20_000,
        b"MSWIM\0\0\0",
        b"MSWIM\0\0\0" * 90,
    ],
)
def test_what_is_none_stays_unread(content: bytes) -> None:
    assert read(content).unread


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([arj(("a.txt", b"stored", 0), ("b.exe", b"packed", 1)), wim(("a.txt", b"one"), ("b", b"two"))]),
    st.lists(st.tuples(st.integers(2, 900), st.integers(0, 255)), max_size=12),
    st.integers(2, 1000),
)
def test_damaged_ones_never_raise(whole: bytes, changes: list[tuple[int, int]], end: int) -> None:
    content = bytearray(whole)
    for at, value in changes:
        content[max(2, at % len(content))] = value
    assert len(read(bytes(content[:end]), members=50).members) <= 50
