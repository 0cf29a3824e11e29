"""What was read of one archive, and the draft that a reader fills."""

from __future__ import annotations

import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO

from seg_ml.domain.message import Part
from seg_ml.signatures.unpack.limits import Budget, TooMuch

CHUNK = 1 << 16
# What the readers of the standard library raise on damaged files, some of it by accident.
FAILURES = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error, ArithmeticError, EOFError,
    LookupError, NotImplementedError, OSError, RuntimeError, ValueError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Archive:
    """One archive of a message. `members` are its files as parts; `encrypted` names those that stay closed.

    `limit` is the code of the limit it exceeds and `excess` the words for it; `unread` says why contents were
    not read although nothing is wrong with them, `damage` what is wrong.
    """

    part: Part
    members: tuple[Part, ...] = ()
    names: tuple[str, ...] = ()
    encrypted: tuple[str, ...] = ()
    password: str | None = None
    limit: str = ""
    excess: str = ""
    damage: str = ""
    unread: str = ""


@dataclass(slots=True)
class Draft:
    """An archive while it is read."""

    part: Part
    budget: Budget
    members: list[Part] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    encrypted: list[str] = field(default_factory=list)
    password: str | None = None
    limit: str = ""
    excess: str = ""
    damage: str = ""
    unread: str = ""

    def add(self, name: str, content: bytes) -> None:
        """A file that was read."""
        self.members.append(
            Part(
                f"{self.part.path}!{name}"[:300],
                "application/octet-stream",
                content,
                filename=name,
                disposition="attachment",
            )
        )

    def exceed(self, limit: TooMuch) -> None:
        """Nothing more is read."""
        self.limit, self.excess = limit.code, str(limit)

    def fail(self, error: Exception, name: str = "") -> None:
        """Something could not be read; the first reason stands."""
        where = f"{name!r}: " if name else ""
        self.damage = self.damage or f"{where}{type(error).__name__}: {error}"

    def done(self) -> Archive:
        """What was read."""
        return Archive(
            self.part, tuple(self.members), tuple(self.names), tuple(self.encrypted), self.password, self.limit,
            self.excess, self.damage, self.unread,
        )  # fmt: skip


def chunks_of(stream: IO[bytes]) -> Iterator[bytes]:
    """A stream piece by piece."""
    while chunk := stream.read(CHUNK):
        yield chunk


def tar_members(draft: Draft, archive: tarfile.TarFile) -> None:
    """Every regular file of an opened tar.

    Raises:
        TooMuch: a limit is met.
    """
    for item in archive:
        draft.budget.member()
        stream = archive.extractfile(item) if item.isreg() else None
        if stream is not None:
            draft.names.append(item.name)
            draft.add(item.name, draft.budget.read(item.name, chunks_of(stream)))


def known(names: Iterable[str]) -> list[str]:
    """Names in order, each once."""
    return list(dict.fromkeys(names))
