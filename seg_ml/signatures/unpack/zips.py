"""ZIP archives, with the old encryption and with AES."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from seg_ml.domain.message import Part
from seg_ml.signatures.lists import bundled
from seg_ml.signatures.unpack.archive import FAILURES, Archive, Draft, chunks_of
from seg_ml.signatures.unpack.limits import Budget, TooMuch

MAX_TRIES = 60
"""Passwords tried over one archive: each costs a millisecond of key derivation."""

_ENCRYPTED = 0x1
_OFFICE = ("[content_types].xml", "mimetype")
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA})
_AES = 99


def read_zip(part: Part, passwords: tuple[str, ...], budget: Budget) -> Archive | None:
    """The files of a ZIP; `None` for an office document within the limits, which is a matter for other signatures."""
    draft = Draft(part, budget)
    try:
        with zipfile.ZipFile(io.BytesIO(part.content)) as archive:
            items = [item for item in archive.infolist() if not item.is_dir()]
            document = is_document(tuple(item.filename for item in items))
            if document:
                _weigh(items, budget)
            else:
                _Reader(draft, archive, passwords).read(items)
            return None if document else draft.done()
    except TooMuch as limit:
        draft.exceed(limit)
    except FAILURES as error:
        draft.fail(error)
    return draft.done()


def is_document(names: tuple[str, ...]) -> bool:
    """Whether a ZIP is an office document.

    A marker file alone does not make it one: whoever packs a program could add it.
    """
    marked = any(name.lower() in _OFFICE for name in names)
    runs = bundled("executable_extensions.txt") - {"bin"}
    return marked and not any(name.lower().rpartition(".")[2] in runs for name in names)


def _weigh(items: list[zipfile.ZipInfo], budget: Budget) -> None:
    # A reader takes no more of a file than the directory says; tables repeat themselves beyond any ratio.
    for item in items:
        budget.member()
        budget.take(item.file_size)


class _Reader:
    """Reads the files of one archive, with the password that opened another first."""

    def __init__(self, draft: Draft, archive: zipfile.ZipFile, passwords: tuple[str, ...]) -> None:
        self._draft = draft
        self._archive = archive
        self._passwords = list(passwords)
        self._tries = MAX_TRIES
        self._strong: Any = None
        self._wrong: tuple[type[Exception], ...] = FAILURES

    def read(self, items: list[zipfile.ZipInfo]) -> None:
        self._draft.names.extend(item.filename for item in items)
        for item in items:
            self._draft.budget.member()
            try:
                self._one(item)
            except FAILURES as error:
                self._draft.fail(error, item.filename)  # one damaged file hides none of the others

    def _one(self, item: zipfile.ZipInfo) -> None:
        if item.flag_bits & _ENCRYPTED:
            self._closed(item)
        elif item.compress_type not in _METHODS:
            self._draft.unread = f"packed by method {item.compress_type}, which is not read: {item.filename!r}"
        else:
            self._draft.add(item.filename, self._content(self._archive, item, None))

    def _content(self, archive: Any, item: zipfile.ZipInfo, password: str | None) -> bytes:
        secret = None if password is None else password.encode("utf-8")
        with archive.open(item.filename if archive is self._strong else item, pwd=secret) as stream:
            return self._draft.budget.read(item.filename, chunks_of(stream), item.compress_size)

    def _closed(self, item: zipfile.ZipInfo) -> None:
        archive = self._opened_strong() if item.compress_type == _AES else self._archive
        for password in list(self._passwords) if archive is not None else ():
            if self._tries <= 0:
                break
            self._tries -= 1
            try:
                content = self._content(archive, item, password)
            except self._wrong:
                continue  # a wrong password, or octets that were changed under it
            self._draft.add(item.filename, content)
            self._draft.password = self._draft.password or password
            self._tries += 1
            self._passwords.sort(key=lambda word: word != password)
            return
        self._draft.encrypted.append(item.filename)

    def _opened_strong(self) -> Any:
        """The same archive by the reader that knows AES, `None` where that reader refuses it."""
        if self._strong is None:
            import pyzipper

            self._wrong = (*FAILURES, pyzipper.BadZipFile)  # not that of the standard library
            try:
                self._strong = pyzipper.AESZipFile(io.BytesIO(self._draft.part.content))
            except self._wrong:
                return None
        return self._strong
