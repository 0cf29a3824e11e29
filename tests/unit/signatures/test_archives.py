"""Archives are read within limits, and damage is reported, not raised."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile

import pytest

from seg_ml.domain.message import Message, Part
from seg_ml.signatures.archives import archives_of, files_of
from seg_ml.signatures.unpack.limits import DEFAULT_ARCHIVE_LIMITS as LIMITS


def zipped(*files: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return buffer.getvalue()


def mail(content: bytes, text: str = "") -> Message:
    part = Part("2", "application/octet-stream", content, filename="a.bin", disposition="attachment")
    return Message(raw=b"", parts=(part,), text=text)


def test_files_are_the_attachments_and_what_they_hold() -> None:
    message = mail(zipped(("inner.zip", zipped(("b.txt", b"b"))), ("a.txt", b"a")))
    assert [part.filename for part in files_of(message)] == ["a.bin", "inner.zip", "a.txt", "b.txt"]


def test_tar_in_gzip() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        item = tarfile.TarInfo("dir/x.txt")
        item.size = 3
        archive.addfile(item, io.BytesIO(b"abc"))
    (found,) = archives_of(mail(gzip.compress(buffer.getvalue())))
    assert [(member.filename, member.content) for member in found.members] == [("dir/x.txt", b"abc")]


def test_too_many_members_is_an_excess() -> None:
    (found,) = archives_of(mail(zipped(*((f"{n}.txt", b"x") for n in range(LIMITS.members + 5)))))
    assert found.excess
    assert len(found.members) == LIMITS.members


def test_depth_is_bounded() -> None:
    content = b"x"
    for level in range(LIMITS.depth + 2):
        content = zipped((f"{level}.zip" if level else "x.txt", content))
    assert archives_of(mail(content))[-1].excess == f"nested deeper than {LIMITS.depth}"


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04" + b"\0" * 40,
        zipped(("a.txt", b"abc" * 50))[:60],
        gzip.compress(b"x" * 100)[:12],
        b"\x1f\x8b" + b"\xff" * 40,
    ],
    ids=["zip head", "cut zip", "cut gzip", "no gzip"],
)
def test_damage_is_reported(content: bytes) -> None:
    (found,) = archives_of(mail(content))
    assert found.damage


def test_a_damaged_member_does_not_hide_the_others() -> None:
    content = bytearray(zipped(("a.txt", b"abc" * 50), ("b.exe", b"MZ")))
    content[40] ^= 0xFF
    (found,) = archives_of(mail(bytes(content)))
    assert found.damage
    assert [member.filename for member in found.members] == ["b.exe"]


def test_a_marker_does_not_turn_a_program_into_a_document() -> None:
    (found,) = archives_of(mail(zipped(("[Content_Types].xml", b"<x/>"), ("run.exe", b"MZ"))))
    assert "run.exe" in found.names


def test_office_documents_are_no_archives() -> None:
    assert archives_of(mail(zipped(("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<x/>")))) == ()


def test_sizes_that_lie_are_not_believed() -> None:
    content = bytearray(zipped(("a.txt", b"\0" * 5000)))
    at = content.rfind(b"PK\x01\x02") + 24
    content[at : at + 4] = (10).to_bytes(4, "little")
    (found,) = archives_of(mail(bytes(content)))
    assert found.damage or all(len(member.content) <= 10 for member in found.members)
