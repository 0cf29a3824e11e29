"""Archives whose octets were changed after they were encrypted: said to be closed, and nothing fails."""

from __future__ import annotations

import io

import pytest
import pyzipper

from seg_ml.domain.message import Part
from seg_ml.signatures.unpack.limits import DEFAULT_ARCHIVE_LIMITS, Budget
from seg_ml.signatures.unpack.zips import read_zip

SECRET = "hunter2"


def sealed() -> bytes:
    stream = io.BytesIO()
    with pyzipper.AESZipFile(stream, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(SECRET.encode())
        archive.writestr("a.txt", b"content of a file " * 20)
    return stream.getvalue()


@pytest.mark.parametrize("changed", [False, True])
def test_a_changed_octet_under_aes_leaves_the_file_closed(changed: bool) -> None:
    content = bytearray(sealed())
    if changed:
        content[content.index(b"a.txt") + 60] ^= 0xFF
    archive = read_zip(Part("1", "application/zip", bytes(content)), (SECRET,), Budget(DEFAULT_ARCHIVE_LIMITS))
    assert archive is not None
    assert (len(archive.members), len(archive.encrypted)) == ((0, 1) if changed else (1, 0))
