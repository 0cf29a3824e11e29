"""What the archives of a message hold, one inside another, read once within the limits.

ZIP, 7z, RAR, tar, gzip, bzip2, xz, Zstandard, cabinet, cpio, LZH, xar and ISO images are opened, and so is mail
under another name, and what stands uuencoded, in BinHex or yEnc in a text. Of ARJ and WIM names are read, and
contents where they are not packed. Of other disk images files are carved; other archives (`filetypes.UNREAD`) are
recognised by their first bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from seg_ml.domain.message import Message, Part
from seg_ml.signatures.embedded import CARRIERS, embedded_of
from seg_ml.signatures.filetypes import CARVED, FOREIGN, disk_kind, magic
from seg_ml.signatures.unpack.archive import Archive
from seg_ml.signatures.unpack.arjs import read_arj
from seg_ml.signatures.unpack.disks import read_disk, read_optical
from seg_ml.signatures.unpack.encodings import may_hold_encoded, read_encoded
from seg_ml.signatures.unpack.foreign import read_foreign
from seg_ml.signatures.unpack.letters import is_letter, is_opened, read_letters
from seg_ml.signatures.unpack.limits import DEFAULT_ARCHIVE_LIMITS, ArchiveLimits, Budget, TooMuch
from seg_ml.signatures.unpack.rars import read_rar
from seg_ml.signatures.unpack.sevenzip import read_7z
from seg_ml.signatures.unpack.streams import read_packed, read_tar
from seg_ml.signatures.unpack.wims import read_wim
from seg_ml.signatures.unpack.zips import read_zip

MAX_PASSWORDS = 6
MAX_TEXT = 20_000
MAX_DOCUMENTS = 5

_Reader = Callable[[Part, tuple[str, ...], Budget], Archive | None]
_READERS: dict[str, _Reader] = {
    "zip": read_zip,
    "7z": read_7z,
    "rar": read_rar,
    "tar": read_tar,
    "arj": read_arj,
    "wim": read_wim,
    **dict.fromkeys(("gzip", "bzip", "xz", "zstd"), read_packed),
    **dict.fromkeys(FOREIGN, read_foreign),
    "iso": read_optical,
    **dict.fromkeys(CARVED, read_disk),
}
_PASSWORD = re.compile(
    r"(?:password|passwort|passcode|kennwort|mot de passe|contrase\u00f1a|senha|wachtwoord|pass|pwd|pin|code)\b"
    r"[^\w\r\n]{0,6}(?:(?:is|ist|est|es|for[^\r\n:]{0,40}|to[^\r\n:]{0,40})\s{0,3}[:=]?\s{0,3})?[\"'\u201c\u00ab]?([^\s\"'\u201d\u00bb<>]{2,32})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Contents:
    """Archives, nested ones after the one that holds them, and (document, file inside) of documents."""

    archives: tuple[Archive, ...] = ()
    embedded: tuple[tuple[Part, Part], ...] = ()


_NOTHING = Contents()


def contents_of(message: Message, limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS) -> Contents:
    """Everything inside the attachments, and the files that stand encoded in the text."""
    carriers = tuple(part for part in message.parts if _may_carry(part, message.raw))
    return _contents(carriers, passwords_of(message), limits) if carriers else _NOTHING


def _may_carry(part: Part, raw: bytes) -> bool:
    return not is_opened(part, raw) if part.is_attachment else may_hold_encoded(part.content)


def archives_of(message: Message, limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS) -> tuple[Archive, ...]:
    """Every archive among the attachments and inside them."""
    return contents_of(message, limits).archives


def files_of(message: Message, limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS) -> tuple[Part, ...]:
    """The attachments, then every file of their archives that could be read, then files inside documents."""
    contents = contents_of(message, limits)
    inner = (member for archive in contents.archives for member in archive.members)
    return (*message.attachments, *inner, *(file for _, file in contents.embedded))


def passwords_of(message: Message) -> tuple[str, ...]:
    """The passwords that subject and text give away."""
    return _passwords(message.subject, message.text)


@lru_cache(maxsize=4)
def _passwords(subject: str, text: str) -> tuple[str, ...]:
    text = f"{text[:MAX_TEXT]}\n{subject[:300]}"
    found = (match.group(1).rstrip(".,;:!?)") for match in _PASSWORD.finditer(text))
    return tuple(dict.fromkeys(word for word in found if word))[:MAX_PASSWORDS]


@lru_cache(maxsize=1)  # one message at a time: it may hold as much as the limits allow
def _contents(parts: tuple[Part, ...], passwords: tuple[str, ...], limits: ArchiveLimits) -> Contents:
    walk = _Walk(passwords, Budget(limits))
    for part in parts:
        walk.open(part, 0)
    return Contents(tuple(walk.archives), tuple(walk.embedded))


class _Walk:
    """Opens one file after the other, and what is inside."""

    def __init__(self, passwords: tuple[str, ...], budget: Budget) -> None:
        self.archives: list[Archive] = []
        self.embedded: list[tuple[Part, Part]] = []
        self._passwords = passwords
        self._budget = budget

    def open(self, part: Part, depth: int) -> None:
        kind = magic(part.content)
        kinds = (kind, disk_kind(part.content)) if kind == "pdf" else (kind,)
        readers = [*_text_readers(part.content), *(_READERS[kind] for kind in kinds if kind in _READERS)]
        if not readers and kind not in CARRIERS:
            return
        # A document at the bottom is no archive; documents in documents end somewhere, too.
        if depth >= self._budget.limits.depth + (0 if readers else MAX_DOCUMENTS):
            excess = f"nested deeper than {self._budget.limits.depth}"
            self.archives.append(Archive(part, limit="archive-depth-limit", excess=excess))
            return
        opened = [archive for read in readers if (archive := read(part, self._passwords, self._budget)) is not None]
        if not opened:
            self._carried(part, depth)
        for archive in opened:
            self.archives.append(archive)
            self._hear(archive)
            for member in archive.members:
                self.open(member, depth + 1)

    def _hear(self, archive: Archive) -> None:
        """An attached mail may tell the password of its own attachments."""
        told = "\n".join(member.text for member in archive.members if member.text and not member.is_attachment)
        if told:
            heard = dict.fromkeys((*self._passwords, *_passwords("", told)))
            self._passwords = tuple(heard)[: 2 * MAX_PASSWORDS]

    def _carried(self, part: Part, depth: int) -> None:
        for file in embedded_of(part, self._passwords):
            try:
                self._budget.member()
                self._budget.take(len(file.content))
            except TooMuch as limit:
                self.archives.append(Archive(part, limit=limit.code, excess=str(limit)))
                return
            self.embedded.append((part, file))
            self.open(file, depth + 1)


def _text_readers(content: bytes) -> tuple[_Reader, ...]:
    """Readers of what has no first bytes to tell it by; a letter's own parts are looked at after it is opened."""
    if is_letter(content):
        return (read_letters,)
    return (read_encoded,) if may_hold_encoded(content) else ()
