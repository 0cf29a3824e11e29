"""Encrypted Office documents, opened with the passwords that the text gives and with the one that opens by itself."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from functools import lru_cache

from seg_ml.signatures.filetypes import magic

STANDARD = "VelvetSweatshop"
"""Excel tries it before it asks anybody (MS-OFFCRYPTO §2.4.2.2): such a workbook is hidden from all but its reader."""

MAX_FILE = 16 << 20
MAX_SPINS = 200_000
_SPINS = re.compile(rb'spinCount="(\d{1,12})"')
_KINDS = tuple(
    name.encode("utf-16-le") for name in ("EncryptedPackage", "WordDocument", "Workbook", "PowerPoint Document")
)


@dataclass(frozen=True, slots=True)
class LockedOffice:
    """An encrypted document; `password` and `content` where one opened it."""

    password: str | None = None
    content: bytes | None = None


@lru_cache(maxsize=4)
def locked_office(content: bytes, passwords: tuple[str, ...] = ()) -> LockedOffice | None:
    """What became of an encrypted document, `None` for any other file. Never raises on content."""
    if magic(content) != "ole" or len(content) > MAX_FILE or not any(kind in content for kind in _KINDS):
        return None
    import msoffcrypto

    try:
        document = msoffcrypto.OfficeFile(io.BytesIO(content))
        if not document.is_encrypted():
            return None
    except Exception:  # its readers raise anything on damaged files; other signatures see to those
        return None
    if any(int(match.group(1)) > MAX_SPINS for match in _SPINS.finditer(content)):
        return LockedOffice()
    for password in (STANDARD, *passwords):
        opened = _opened(document, password)
        if opened is not None:
            return LockedOffice(password, opened)
    return LockedOffice()


def _opened(document: object, password: str) -> bytes | None:
    plain = io.BytesIO()
    try:
        document.load_key(password=password)  # type: ignore[attr-defined]
        document.decrypt(plain)  # type: ignore[attr-defined]
    except Exception:  # a wrong password shows in many ways
        return None
    return plain.getvalue() or None
