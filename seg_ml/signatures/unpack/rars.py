"""RAR archives: names and encryption from the headers, contents from `bsdtar`, or from `unar` by a password."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass

from seg_ml.domain.message import Part
from seg_ml.signatures.unpack.archive import Archive, Draft, chunks_of, known
from seg_ml.signatures.unpack.foreign import SECONDS, ProgramFailed, bounded, fill_foreign, output_of
from seg_ml.signatures.unpack.limits import Budget, TooMuch

HIDDEN = "(names are hidden)"
MAX_PASSWORDS = 8
"""Each costs a run of `unar`, some tens of milliseconds; after `SECONDS` no other is tried."""

MAX_KEY_POWER = 20
"""RAR derives a key by 2**15 rounds; an archive may ask for 2**24 before it shows its names."""


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    size: int
    encrypted: bool


def read_rar(part: Part, passwords: tuple[str, ...], budget: Budget) -> Archive:
    """The files of a RAR 4 or 5 archive; each password is tried where it is encrypted and `unar` is installed."""
    draft = Draft(part, budget)
    files = _headers(part.content, None)
    if not any(file.encrypted for file in files):
        fill_foreign(draft)
        draft.names = known([*draft.names, *(file.name for file in files)])
    elif not _unlock(draft, passwords[:MAX_PASSWORDS]):
        _read_what_is_open(draft, files)
    return draft.done()


def _read_what_is_open(draft: Draft, files: list[_File]) -> None:
    encrypted = [file.name for file in files if file.encrypted]
    if len(encrypted) < len(files):
        fill_foreign(draft)
        # libarchive complains about each that is encrypted; that is what `encrypted` says.
        draft.unread = ""
        draft.members = [member for member in draft.members if member.filename not in encrypted]
    names = [file.name for file in files if file.name != HIDDEN]
    draft.names, draft.encrypted = known([*draft.names, *names]), encrypted


def _unlock(draft: Draft, passwords: tuple[str, ...]) -> bool:
    """Read all files by the first password that opens them; whether one did, or a limit was met on the way."""
    command, until = bounded("unar"), time.monotonic() + SECONDS
    if command is None:
        return False
    for password in passwords:
        if time.monotonic() > until:
            break
        files, spent = _headers(draft.part.content, password), draft.budget.spent
        try:
            for _ in files:
                draft.budget.member()
            opened = _contents(draft, (*command, "-q", "-o", "-", "-p", password, "/dev/stdin"))
        except TooMuch as limit:
            draft.exceed(limit)
            draft.names = [file.name for file in files]
            return True
        # All files in one stream, in their order: shorter where the password opened nothing.
        if not opened or len(opened) != sum(file.size for file in files) or HIDDEN in (file.name for file in files):
            draft.budget.spent = spent
            continue
        draft.password = password
        for file in files:
            draft.names.append(file.name)
            draft.add(file.name, opened[: file.size])
            opened = opened[file.size :]
        return True
    return False


def _contents(draft: Draft, command: tuple[str, ...]) -> bytes:
    """What the program writes, within the budget; nothing where it gives up.

    Raises:
        TooMuch: a limit is met.
    """
    try:
        with output_of(command, draft.part.content) as stream:
            content = draft.budget.read(draft.part.filename or "rar", chunks_of(stream), len(draft.part.content))
    except (ProgramFailed, OSError):
        return b""
    return content


def _headers(content: bytes, password: str | None) -> list[_File]:
    import rarfile

    rarfile.RAR_MAX_KDF_SHIFT = MAX_KEY_POWER
    try:
        with rarfile.RarFile(io.BytesIO(content)) as archive:
            if password is not None and archive.needs_password():
                archive.setpassword(password)
            items = [item for item in archive.infolist() if not item.is_dir()]
            if archive.needs_password() and not items:
                return [_File(HIDDEN, 0, True)]
            return [_File(str(item.filename), item.file_size, item.needs_password()) for item in items]
    except Exception:  # its parser trips over damaged headers in every way; libarchive then says what is wrong
        return []
