"""7z archives, with passwords, by py7zr; what py7zr does not know is left to `bsdtar`."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from seg_ml.domain.message import Part
from seg_ml.signatures.unpack.archive import Archive, Draft
from seg_ml.signatures.unpack.foreign import fill_foreign
from seg_ml.signatures.unpack.limits import Budget, TooMuch
from seg_ml.signatures.unpack.rars import HIDDEN

MAX_DICTIONARY = 128 << 20
MAX_KEY_POWER = 20
"""7-Zip derives a key by 2**19 rounds, a fifth of a second; an archive may ask for a day."""

_LZMA2, _LZMA, _PPMD, _AES = b"\x21", b"\x03\x01\x01", b"\x03\x04\x01", b"\x06\xf1\x07\x01"
_KEY_POWER = re.compile(re.escape(_AES) + rb"[\x01-\x40]([\x00-\xff])", re.DOTALL)


class _Closed(Exception):
    """No password opened it."""


def read_7z(part: Part, passwords: tuple[str, ...], budget: Budget) -> Archive:
    """The files of a 7z archive; each password is tried where it is encrypted."""
    draft = Draft(part, budget)
    try:
        _read(draft, passwords)
    except TooMuch as limit:
        draft.exceed(limit)
    except _Closed:
        draft.encrypted = draft.names[:] or [HIDDEN]
    except Exception:  # py7zr trips over damaged files in every way, and knows fewer methods than libarchive
        draft.names.clear()
        fill_foreign(draft)
    if not draft.names and not draft.encrypted and not draft.excess:
        draft.unread = draft.unread or "7z, in which no file was found"
    return draft.done()


def _read(draft: Draft, passwords: tuple[str, ...]) -> None:
    from py7zr import PasswordRequired

    try:
        if _opens(draft, None):
            return
    except PasswordRequired:
        pass
    if any(match.group(1)[0] & 0x3F > MAX_KEY_POWER for match in _KEY_POWER.finditer(draft.part.content)):
        raise _Closed
    for password in passwords:
        spent = draft.budget.spent
        try:
            _opens(draft, password)
        except TooMuch:
            raise
        except Exception:
            # A wrong password shows as any kind of damage.
            draft.budget.spent = spent
            continue
        draft.password = password
        return
    raise _Closed


def _opens(draft: Draft, password: str | None) -> bool:
    """Read the archive into the draft; false where it needs a password and none is given."""
    from py7zr import SevenZipFile

    with SevenZipFile(io.BytesIO(draft.part.content), password=password) as archive:
        names = [item.filename for item in archive.list() if not item.is_directory]
        if names:
            draft.names[:] = names
        if password is None and archive.needs_password():
            return False
        _check_coders(archive)
        shelf = _Shelf(draft)
        factory: Any = shelf
        archive.extractall(factory=factory)
    for name, file in zip(names, shelf.files, strict=False):
        draft.add(name, bytes(file.content))
    return True


def _check_coders(archive: Any) -> None:
    """Decoders take the memory that the archive asks for, before they read a byte.

    Raises:
        TooMuch: it asks for more than the limit.
        _Closed: the key takes too long.
    """
    for coder in _coders(archive):
        method, properties = coder["method"], coder.get("properties") or b""
        if method == _LZMA2 and properties:
            bits = properties[0]
            asked = 0xFFFFFFFF if bits >= 40 else (2 | (bits & 1)) << (bits // 2 + 11)
        elif method in (_LZMA, _PPMD) and len(properties) >= 5:
            asked = int.from_bytes(properties[1:5], "little")
        elif method == _AES and properties and properties[0] & 0x3F > MAX_KEY_POWER:
            raise _Closed
        else:
            continue
        if asked > MAX_DICTIONARY:
            raise TooMuch("archive-memory-limit", f"asks for {asked:,} bytes of memory to unpack")


def _coders(archive: Any) -> Iterator[dict[str, Any]]:
    streams = getattr(archive.header, "main_streams", None)
    for folder in streams.unpackinfo.folders if streams is not None else ():
        yield from folder.coders


class _Shelf:
    """Where py7zr puts files: in memory, within the budget."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self.files: list[_File] = []

    def create(self, filename: str) -> _File:
        self._draft.budget.member()
        self.files.append(_File(filename, self._draft))
        return self.files[-1]


class _File:
    """One file as py7zr writes it."""

    def __init__(self, name: str, draft: Draft) -> None:
        self.content = bytearray()
        self._name = name
        self._draft = draft

    def write(self, data: bytes) -> int:
        budget = self._draft.budget
        budget.take(len(data))
        self.content += data
        budget.check_ratio(self._name, len(self.content), len(self._draft.part.content))
        return len(data)

    def read(self, size: int | None = None) -> bytes:
        return b""

    def seek(self, offset: int, whence: int = 0) -> int:
        return offset

    def flush(self) -> None:
        pass

    def size(self) -> int:
        return len(self.content)

    def close(self) -> None:
        pass
