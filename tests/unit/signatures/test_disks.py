"""Disk images are carved by sectors: what runs is named, what does not is passed over, the effort is bounded."""

from __future__ import annotations

import io
import struct
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message, Part
from seg_ml.domain.verdict import Finding, Severity
from seg_ml.signatures.archives import archives_of, files_of
from seg_ml.signatures.detectors.archive_executable import ArchiveExecutable
from seg_ml.signatures.filetypes import magic
from seg_ml.signatures.unpack import disks, foreign
from seg_ml.signatures.unpack.archive import Archive
from seg_ml.signatures.unpack.disks import MAX_CARVED, MAX_DOCUMENTS, SECTOR
from seg_ml.signatures.unpack.limits import ArchiveLimits

sys.path.append(str(Path(__file__).parents[2] / "fixtures" / "signatures"))
from macro_project import project
from wrapped_files import record

FOOTER = b"conectix" + struct.pack(">II", 2, 0x10000) + bytes(496)
SHORTCUT = bytes.fromhex("4c0000000114020000000000c000000000000046") + b"cmd.exe /c calc"
TEXT = b"MZ is how these notes begin. The quick brown fox jumps over the lazy dog. " * 5


def program(body: bytes = b"code", at: int = 128) -> bytes:
    """A DOS header, a PE header at `at` and one section with `body` at octet 512."""
    head = b"MZ" + bytes(58) + at.to_bytes(4, "little") + bytes(at - 64)
    head += struct.pack("<4sHHIIIHH", b"PE\0\0", 0x14C, 1, 0, 0, 0, 0, 2)
    head += struct.pack("<8sIIII16x", b".text", len(body), 4096, len(body), 512)
    return head.ljust(512, b"\0") + body


def package(*files: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files:
            archive.writestr(name, content)
    return buffer.getvalue()


def disk(files: dict[int, bytes], sectors: int = 32) -> bytes:
    """A fixed VHD: files by the sector at which they begin, and the footer behind the last."""
    content = bytearray(sectors * SECTOR)
    for sector, file in files.items():
        content[sector * SECTOR : sector * SECTOR + len(file)] = file
    content[510:512] = b"\x55\xaa"
    return bytes(content) + FOOTER


def mail(content: bytes, name: str = "disk.vhd") -> Message:
    return Message(
        b"", parts=(Part("2", "application/octet-stream", content, filename=name, disposition="attachment"),)
    )


def findings(content: bytes) -> tuple[Finding, ...]:
    return tuple(ArchiveExecutable().inspect(ScoreRequest(b""), mail(content)))


@pytest.mark.parametrize(
    ("file", "what"),
    [
        (program(), "a program"),
        (SHORTCUT, "a shortcut"),
        (b"@echo off\r\nstart calc", "a script"),
        (b"\xef\xbb\xbf\r\n<script language='vbscript'>", "a script"),
        (b"On Error Resume Next\r\n", "a script"),
    ],
)
def test_what_runs_is_reported_with_its_sector(file: bytes, what: str) -> None:
    (finding,) = findings(disk({4: TEXT, 2048: file}, 2100))
    assert (finding.evidence, finding.severity) == (f"disk.vhd holds {what} at sector 2,048", Severity.HIGH)


@pytest.mark.parametrize(
    "files",
    [
        {},
        {4: TEXT, 8: b"%PDF-1.7", 12: b"<!doctype html><html>", 16: b"Dear all,\r\n@echo off is a command"},
        {4: TEXT, 6: b"PK\x03\x04 no package", 8: b"PK\x05\x06", 12: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"},
        {4: b"MZ" + bytes(600), 8: program().replace(b"PE\0\0", b"PE\0x"), 12: b"L\0\0\0\x01\x14\x02\0 no shortcut"},
        {4: b"MZ" + b"\xff" * 600},
    ],
    ids=["empty", "documents", "no documents", "looks like a program", "header beyond the end"],
)
def test_a_disk_of_documents_is_no_finding(files: dict[int, bytes]) -> None:
    assert findings(disk(files)) == ()


@pytest.mark.parametrize("head", [b"conectix" + bytes(504), b"vhdxfile" + bytes(504)])
def test_growing_images_are_read_as_well(head: bytes) -> None:
    assert findings(head + bytes(SECTOR * 3) + program())[0].evidence == "disk.vhd holds a program at sector 4"


def test_a_small_shortcut_stands_inside_a_sector() -> None:
    assert findings(disk({4: bytes(200) + SHORTCUT}))[0].evidence == "disk.vhd holds a shortcut at sector 4"


def test_a_program_is_cut_out_whole_and_alone() -> None:
    inner = program(b"x" * 700 + b"@echo off")
    _, file = files_of(mail(disk({4: inner, 20: TEXT})))
    assert file.content == inner


def test_a_signature_belongs_to_the_program() -> None:
    signed = bytearray(program(bytes(512)))
    struct.pack_into("<H", signed, 128 + 20, 224)  # the optional header moves the table of sections behind it
    signed[128 + 24 :] = bytes(len(signed) - 152)
    struct.pack_into("<H", signed, 152, 0x10B)
    struct.pack_into("<II", signed, 152 + 128, 1024, 300)
    _, file = files_of(mail(disk({4: bytes(signed) + b"c" * 300})))
    assert len(file.content) == 1324


@pytest.mark.parametrize(
    ("file", "name"),
    [
        (b"%PDF-1.7 one %%EOF\r\n two %%EOF\r\n", "a PDF at sector 4.pdf"),
        (package(("a.txt", TEXT[3:])), "a package at sector 4.zip"),
        (package(("inner.zip", package(("a.txt", TEXT[3:])))), "a package at sector 4.zip"),
        (project("Sub Main()"), "a document at sector 4.doc"),
        (b"{\\rtf1 text}", "a text at sector 4.rtf"),
        (b"\xef\xbb\xbf<!-- saved -->\r\n<HTML><body>", "a page at sector 4.html"),
        (b"<?xml version='1.0'?><svg xmlns=''>", "a drawing at sector 4.svg"),
        ("<html>text".encode("utf-16"), "a page at sector 4.html"),
    ],
)
def test_documents_are_cut_out_as_long_as_they_are(file: bytes, name: str) -> None:
    image = disk({4: file, 60: TEXT, 64: b"%PDF-1.7 another %%EOF"}, 96)
    found, other = archives_of(mail(image))[0].members
    assert (found.filename, other.filename) == (name, "a PDF at sector 64.pdf")
    assert found.content.rstrip(b"\r\n\0") == file.rstrip(b"\r\n\0")
    assert findings(image) == ()


def test_a_program_is_found_inside_what_begins_as_a_package() -> None:
    file = package(("a.txt", TEXT[3:])).replace(b"PK\x05\x06", b"PK\x05\x07")
    end = struct.pack("<4s8xIIH", b"PK\x05\x06", 0, 12 * SECTOR, 0)
    assert findings(disk({4: file, 8: program(), 16: end}))[0].evidence == "disk.vhd holds a program at sector 8"


def test_optical_disks_are_carved_where_nothing_reads_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign, "bounded", lambda name: None)
    image = bytearray(disk({80: program(), 84: b"%PDF-1.7 %%EOF"}, 128))
    image[0x8000:0x8006] = b"\1CD001"
    (archive,) = archives_of(mail(bytes(image), "disk.iso"))
    assert (archive.names, bool(archive.unread)) == (("a program at sector 80", "a PDF at sector 84.pdf"), True)
    assert findings(bytes(image))[0].severity is Severity.HIGH


def test_both_sides_of_an_optical_disk_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    image = bytearray(disk({80: program(), 84: b"%PDF-1.7 %%EOF"}, 128))
    image[0x8000:0x8006], image[0x8800:0x8806] = b"\1CD001", b"\0NSR02"
    seen = Part("2!a.pdf", "application/pdf", b"%PDF-1.7 %%EOF", filename="a.pdf")
    monkeypatch.setattr(disks, "read_foreign", lambda part, _, budget: Archive(part, (seen,), ("a.pdf",)))
    (archive,) = archives_of(mail(bytes(image), "disk.iso"))
    assert archive.names == ("a.pdf", "a program at sector 80")


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\xeb\x52\x90NTFS    ", "raw disk"),
        (b"\xeb\x3c\x90MSDOS5.0".ljust(54, b"\0") + b"FAT12   ", "raw disk"),
        (bytes(450) + b"\x07\0\0\0" + struct.pack("<II", 2, 100), "raw disk"),
        (bytes(450) + b"\x07\0\0\0" + struct.pack("<II", 2_000_000, 100), ""),
        (b"a text", ""),
    ],
)
def test_a_raw_disk_is_told_by_its_first_sector(start: bytes, kind: str) -> None:
    assert magic(start.ljust(510, b"\0") + b"\x55\xaa" + bytes(4096)) == kind


def test_a_disk_that_is_a_pdf_too_is_opened() -> None:
    image = b"%PDF-1.7".ljust(0x8000, b"\0") + b"\0BEA01".ljust(2048, b"\0") + program()
    assert findings(image)[0].evidence == "disk.vhd holds a program at sector 68"


def test_a_raw_image_is_told_by_its_footer() -> None:
    assert [magic(disk({})), magic(disk({})[:-SECTOR])] == ["vhd", ""]


@pytest.mark.parametrize(
    "content",
    [
        FOOTER,
        FOOTER[:9],
        disk(dict.fromkeys(range(40_000), b"MZ"), 40_000),
        disk({0: SHORTCUT * 100_000}, 20_000),
        disk({sector: program(b"") for sector in range(2, 9_000)}, 10_000),
        disk(dict.fromkeys(range(2, 9_000), b"@echo off"), 10_000),
        disk({4: struct.pack("<2s58xI", b"MZ", 0xFFFFFFFF)}),
    ],
    ids=["footer", "cut footer", "almost programs", "shortcuts", "programs", "scripts", "header far away"],
)
def test_hostile_images_are_bounded(content: bytes) -> None:
    assert sum(len(archive.members) for archive in archives_of(mail(content))) <= MAX_CARVED


def test_the_limits_of_archives_hold() -> None:
    (archive,) = archives_of(mail(disk({4: program(), 8: program()})), ArchiveLimits(members=1))
    assert (len(archive.members), archive.limit) == (1, "archive-members-limit")
    (archive,) = archives_of(mail(disk({4: program(b"x" * 2000)})), ArchiveLimits(expanded=1000))
    assert (len(archive.members), archive.limit) == (0, "archive-size-limit")


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_damaged_images_never_raise(data: st.DataObject) -> None:
    content = bytearray(disk({2: program(), 6: SHORTCUT}))
    for at, value in data.draw(st.lists(st.tuples(st.integers(1024, 2047), st.integers(0, 255)), max_size=12)):
        content[at] = value
    findings(bytes(content[: data.draw(st.integers(600, len(content) - SECTOR))]) + FOOTER)
    findings(b"vhdxfile" + bytes(content[: data.draw(st.integers(600, len(content)))]))


def small(*records: bytes) -> list[tuple[str | None, bytes]]:
    (archive,) = archives_of(mail(disk(dict(zip(range(4, 400, 2), records, strict=False)) | {900: b""}, 1000)))
    return [(member.filename, member.content) for member in archive.members]


def test_small_files_of_ntfs_have_their_names() -> None:
    script = b"var shell; // " + b"x" * 480  # goes over the end of a sector, whose octets stand elsewhere
    assert small(record("order.js", script), record("notes.txt", TEXT[:200])) == [
        ("order.js", script), ("notes.txt", TEXT[:200]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "record",
    [
        record("order.js", b"var a;", flags=0),
        record("orders", b"var a;", flags=3),
        record("$UpCase", b"var a;", number=10),
        record("order.js", b""),
        record("order.js", b"var a;")[:1022] + b"\x08\0",
        b"FILE" + bytes(1020),
        b"FILE" + b"\xff" * 1020,
    ],
    ids=["deleted", "folder", "of the system", "empty", "half written", "zeros", "ones"],
)
def test_what_is_no_small_file(record: bytes) -> None:
    assert small(record) == []


def test_small_files_that_do_not_run_are_no_finding() -> None:
    names = ("notes.txt", "a script for the play.txt", "a program at noon.pdf", "desktop.ini")
    assert findings(disk({4 + 2 * at: record(name, TEXT[3:200]) for at, name in enumerate(names)})) == ()


def test_a_shortcut_in_a_record_is_named_once() -> None:
    assert [name for name, _ in small(record("order.lnk", SHORTCUT))] == ["order.lnk"]
    assert findings(disk({4: record("order.lnk", SHORTCUT)}))[0].evidence == (
        "disk.vhd holds order.lnk, which runs when opened"
    )


def test_what_runs_is_not_crowded_out_by_small_files() -> None:
    many = [record(f"{n}.txt", TEXT[:50], 64 + n) for n in range(150)]
    names = [name for name, _ in small(*many, record("order.js", b"var a;"), *(record("b.js", b"b"),) * 30)]
    assert len(names) == MAX_DOCUMENTS + MAX_CARVED
    assert "order.js" in names


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1023), st.integers(0, 255)), max_size=12), st.integers(0, 1024))
def test_damaged_records_never_raise(changes: list[tuple[int, int]], end: int) -> None:
    content = bytearray(record("order.lnk", SHORTCUT))
    for at, value in changes:
        content[at] = value
    small(b"FILE" + bytes(content[4:end]))
