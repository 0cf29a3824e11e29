"""What the archives of a message hold, one inside another, read once within the limits.

ZIP, 7z, RAR, tar, gzip, bzip2, xz, Zstandard, cabinet, cpio, LZH, xar and ISO images are opened; others
(`filetypes.UNREAD`) are recognised by their first bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from seg_ml.domain.message import Message, Part
from seg_ml.signatures.filetypes import FOREIGN, magic
from seg_ml.signatures.ole_objects import objects_of
from seg_ml.signatures.unpack.archive import Archive
from seg_ml.signatures.unpack.foreign import read_foreign
from seg_ml.signatures.unpack.limits import DEFAULT_ARCHIVE_LIMITS, ArchiveLimits, Budget
from seg_ml.signatures.unpack.rars import read_rar
from seg_ml.signatures.unpack.sevenzip import read_7z
from seg_ml.signatures.unpack.streams import read_packed, read_tar
from seg_ml.signatures.unpack.zips import read_zip

MAX_PASSWORDS = 6
MAX_TEXT = 20_000

_Reader = Callable[[Part, tuple[str, ...], Budget], Archive | None]
_READERS: dict[str, _Reader] = {
    "zip": read_zip,
    "7z": read_7z,
    "rar": read_rar,
    "tar": read_tar,
    **dict.fromkeys(("gzip", "bzip", "xz", "zstd"), read_packed),
    **dict.fromkeys(FOREIGN, read_foreign),
}
_PASSWORD = re.compile(
    r"(?:password|passwort|passcode|kennwort|mot de passe|contrase\u00f1a|senha|wachtwoord|pass|pwd|pin|code)\b"
    r"[^\w\r\n]{0,6}(?:(?:is|ist|est|es|for[^\r\n:]{0,40}|to[^\r\n:]{0,40})\s{0,3}[:=]?\s{0,3})?[\"'\u201c\u00ab]?([^\s\"'\u201d\u00bb<>]{2,32})",
    re.IGNORECASE,
)


def archives_of(message: Message, limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS) -> tuple[Archive, ...]:
    """Every archive among the attachments, nested ones after the one that holds them."""
    attachments = message.attachments
    return _archives(attachments, _passwords(message.subject, message.text), limits) if attachments else ()


def files_of(message: Message, limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS) -> tuple[Part, ...]:
    """The attachments, then every file inside them that could be read, then objects inside presentations."""
    inner = [member for archive in archives_of(message, limits) for member in archive.members]
    files = (*message.attachments, *inner)
    return (*files, *(found for part in files for found in objects_of(part)))


@lru_cache(maxsize=4)
def _passwords(subject: str, text: str) -> tuple[str, ...]:
    text = f"{text[:MAX_TEXT]}\n{subject[:300]}"
    found = (match.group(1).rstrip(".,;:!?)") for match in _PASSWORD.finditer(text))
    return tuple(dict.fromkeys(word for word in found if word))[:MAX_PASSWORDS]


@lru_cache(maxsize=1)  # one message at a time: it may hold as much as the limits allow
def _archives(parts: tuple[Part, ...], passwords: tuple[str, ...], limits: ArchiveLimits) -> tuple[Archive, ...]:
    budget = Budget(limits)
    return tuple(archive for part in parts for archive in _open(part, passwords, budget, 0))


def _open(part: Part, passwords: tuple[str, ...], budget: Budget, depth: int) -> Iterator[Archive]:
    kind = magic(part.content)
    read = _READERS.get(kind)
    if read is None:
        return
    if depth >= budget.limits.depth:
        yield Archive(part, limit="archive-depth-limit", excess=f"nested deeper than {budget.limits.depth}")
        return
    archive = read(part, passwords, budget)
    if archive is None:
        return
    yield archive
    for member in archive.members:
        yield from _open(member, passwords, budget, depth + 1)
