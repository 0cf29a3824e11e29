"""Archive limits: what exceeds them, what keeps to them, and that nothing unpacks beyond them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import pytest

from seg_ml.domain.message import Message, Part
from seg_ml.signatures.archives import archives_of
from seg_ml.signatures.unpack.limits import ArchiveLimits

MIB = 1 << 20
ZEROS = bytes(8 * MIB)
NOISE = b"".join(n.to_bytes(4, "big") for n in range(100_000))


def excess(contents: list[bytes], limits: ArchiveLimits) -> str:
    parts = tuple(
        Part(str(at), "application/octet-stream", content, filename="a.bin", disposition="attachment")
        for at, content in enumerate(contents)
    )
    return next((archive.limit for archive in archives_of(Message(raw=b"", parts=parts), limits) if archive.limit), "")


def zipped(*contents: bytes, name: str = "file") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, content in enumerate(contents):
            archive.writestr(f"{number}-{name}" if number else name, content)
    return file.getvalue()


def tarred(*contents: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for number, content in enumerate(contents):
            item = tarfile.TarInfo(str(number))
            item.size = len(content)
            archive.addfile(item, io.BytesIO(content))
    return file.getvalue()


def nested(depth: int) -> bytes:
    content = b"text"
    for _ in range(depth):
        content = zipped(content)
    return content


@pytest.mark.parametrize("pack", [zipped, gzip.compress, bz2.compress, lzma.compress])
def test_a_bomb(pack: object) -> None:
    assert excess([pack(ZEROS)], ArchiveLimits()) == "archive-ratio-limit"  # type: ignore[operator]
    assert excess([pack(ZEROS)], ArchiveLimits(ratio=10**6)) == ""  # type: ignore[operator]
    assert excess([pack(ZEROS)], ArchiveLimits(ratio=10**6, expanded=4 * MIB)) == "archive-size-limit"  # type: ignore[operator]


def test_sizes_add_up_over_all_archives() -> None:
    one = zipped(NOISE)
    assert excess([one] * 2, ArchiveLimits(expanded=MIB)) == ""
    assert excess([one] * 3, ArchiveLimits(expanded=MIB)) == "archive-size-limit"
    assert excess([tarred(NOISE, NOISE, NOISE)], ArchiveLimits(expanded=MIB)) == "archive-size-limit"
    assert excess([gzip.compress(NOISE) * 3], ArchiveLimits(expanded=MIB)) == "archive-size-limit"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (nested(3), ""),
        (nested(4), "archive-depth-limit"),
        (zipped(b"text", nested(3)), "archive-depth-limit"),
        (gzip.compress(tarred(nested(2))), ""),
        (gzip.compress(tarred(nested(3))), "archive-depth-limit"),
        (bz2.compress(lzma.compress(gzip.compress(zipped(b"x")))), "archive-depth-limit"),
        (zipped(*[b""] * 5_001), "archive-members-limit"),
        (b"text", ""),
        (zipped(NOISE)[:-40], ""),
        (gzip.compress(NOISE)[:-40], ""),
    ],
)
def test_depth_members_and_damage(content: bytes, code: str) -> None:
    assert excess([content], ArchiveLimits()) == code


def test_a_document_is_bounded_by_size_alone() -> None:
    assert excess([zipped(ZEROS, name="[Content_Types].xml")], ArchiveLimits()) == ""
    assert excess([zipped(ZEROS, name="[Content_Types].xml")], ArchiveLimits(expanded=MIB)) == "archive-size-limit"


def test_a_size_that_the_sender_wrote_is_not_believed() -> None:
    content = bytearray(zipped(ZEROS))
    directory = content.rindex(b"PK\x01\x02")
    content[directory + 24 : directory + 28] = (10).to_bytes(4, "little")
    assert excess([bytes(content)], ArchiveLimits()) in ("", "archive-ratio-limit")
