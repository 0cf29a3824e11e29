"""What an archive holds, read within limits: ZIP, tar, gzip, bzip2 and xz, one inside another.

RAR, 7z and others (`filetypes.UNREAD`) are recognised by their first bytes and not opened.
"""

from __future__ import annotations

import bz2
import io
import lzma
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from seg_ml.domain.message import Message, Part
from seg_ml.signatures.filetypes import magic
from seg_ml.signatures.lists import bundled
from seg_ml.signatures.ole_objects import objects_of

MAX_MEMBERS = 500
MAX_MEMBER = 16 << 20
MAX_TOTAL = 48 << 20
MAX_DEPTH = 3
MAX_RATIO = 200
"""Deflate reaches 1,032 at most; documents and programs stay far below 200."""

MAX_PASSWORDS = 6
MAX_TEXT = 20_000

_ARCHIVES = frozenset({"zip", "gzip", "bzip", "xz", "tar"})
_ENDINGS = {"gzip": (".gz", ".tgz"), "bzip": (".bz2", ".tbz"), "xz": (".xz", ".txz")}
_XZ_MEMORY = 64 << 20
_ENCRYPTED = 0x1
_OFFICE = ("[content_types].xml", "mimetype")
# What the readers of the standard library raise on damaged files, some of it by accident.
_FAILURES = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error, ArithmeticError, EOFError,
    LookupError, NotImplementedError, OSError, RuntimeError, ValueError,
)  # fmt: skip
_PASSWORD = re.compile(
    r"(?:password|passwort|passcode|kennwort|mot de passe|contrase\u00f1a|senha|wachtwoord|pass|pwd|pin|code)\b"
    r"[^\w\r\n]{0,6}(?:(?:is|ist|est|es|for[^\r\n:]{0,40}|to[^\r\n:]{0,40})\s{0,3}[:=]?\s{0,3})?[\"'\u201c\u00ab]?([^\s\"'\u201d\u00bb<>]{2,32})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Archive:
    """One archive of a message. `members` are its files as parts; `encrypted` names those that stay closed."""

    part: Part
    members: tuple[Part, ...] = ()
    names: tuple[str, ...] = ()
    encrypted: tuple[str, ...] = ()
    password: str | None = None
    excess: str = ""
    damage: str = ""


@dataclass(slots=True)
class _Budget:
    total: int = MAX_TOTAL
    members: int = MAX_MEMBERS

    def take(self, size: int) -> bool:
        self.total -= size
        self.members -= 1
        return self.total >= 0 and self.members >= 0


def archives_of(message: Message) -> tuple[Archive, ...]:
    """Every archive among the attachments, nested ones after the one that holds them."""
    attachments = message.attachments
    return _archives(attachments, _passwords(message.text)) if attachments else ()


def files_of(message: Message) -> tuple[Part, ...]:
    """The attachments, then every file inside them that could be read, then objects inside presentations."""
    inner = [member for archive in archives_of(message) for member in archive.members]
    files = (*message.attachments, *inner)
    return (*files, *(found for part in files for found in objects_of(part)))


@lru_cache(maxsize=4)
def _passwords(text: str) -> tuple[str, ...]:
    found = (match.group(1).rstrip(".,;:!?)") for match in _PASSWORD.finditer(text[:MAX_TEXT]))
    return tuple(dict.fromkeys(word for word in found if word))[:MAX_PASSWORDS]


@lru_cache(maxsize=4)
def _archives(parts: tuple[Part, ...], passwords: tuple[str, ...]) -> tuple[Archive, ...]:
    budget = _Budget()
    return tuple(archive for part in parts for archive in _open(part, passwords, budget, 0))


def _open(part: Part, passwords: tuple[str, ...], budget: _Budget, depth: int) -> Iterator[Archive]:
    kind = magic(part.content)
    if kind not in _ARCHIVES or depth >= MAX_DEPTH:
        if kind in _ARCHIVES:
            yield Archive(part, excess=f"nested deeper than {MAX_DEPTH}")
        return
    archive = _read(part, kind, passwords, budget)
    if archive is None:
        return
    yield archive
    for member in archive.members:
        yield from _open(member, passwords, budget, depth + 1)


def _read(part: Part, kind: str, passwords: tuple[str, ...], budget: _Budget) -> Archive | None:
    if kind == "zip":
        return _read_zip(part, passwords, budget)
    return _read_tar(part, part.content, budget) if kind == "tar" else _read_packed(part, kind, budget)


def _read_zip(part: Part, passwords: tuple[str, ...], budget: _Budget) -> Archive | None:
    try:
        with zipfile.ZipFile(io.BytesIO(part.content)) as archive:
            items = [item for item in archive.infolist()[: MAX_MEMBERS + 1] if not item.is_dir()]
            names = tuple(item.filename for item in items)
            if _is_document(names):
                return None
            return _read_members(part, archive, items, passwords, budget, Archive(part, names=names))
    except _FAILURES as error:
        return Archive(part, damage=f"{type(error).__name__}: {error}")


def _is_document(names: tuple[str, ...]) -> bool:
    """Whether a ZIP is an office document, which is a matter for other signatures.

    A marker file alone does not make it one: whoever packs a program could add it.
    """
    marked = any(name.lower() in _OFFICE for name in names)
    runs = bundled("executable_extensions.txt") - {"bin"}
    return marked and not any(name.lower().rpartition(".")[2] in runs for name in names)


def _read_members(
    part: Part, archive: zipfile.ZipFile, items: list[zipfile.ZipInfo], passwords: tuple[str, ...], budget: _Budget,
    result: Archive,
) -> Archive:  # fmt: skip
    members: list[Part] = []
    encrypted: list[str] = []
    damage = ""
    opened_with: str | None = None
    for item in items:
        excess = _excess(item)
        if excess or not budget.take(item.file_size):
            return replace(result, members=tuple(members), excess=excess or "more than the limits on members and bytes")
        try:
            content, password = _content(archive, item, passwords)
        except _FAILURES as error:
            damage = f"{item.filename!r}: {type(error).__name__}: {error}"
            continue
        opened_with = opened_with or password
        if content is None:
            encrypted.append(item.filename)
        else:
            members.append(_member(part, item.filename, content))
    return replace(result, members=tuple(members), encrypted=tuple(encrypted), password=opened_with, damage=damage)


def _excess(item: zipfile.ZipInfo) -> str:
    if item.file_size > MAX_MEMBER:
        return f"{item.filename!r} unpacks to {item.file_size:,} bytes"
    if item.file_size > 1 << 20 and item.file_size > MAX_RATIO * max(1, item.compress_size):
        return f"{item.filename!r} unpacks to {item.file_size // max(1, item.compress_size)} times its size"
    return ""


def _content(
    archive: zipfile.ZipFile, item: zipfile.ZipInfo, passwords: tuple[str, ...]
) -> tuple[bytes | None, str | None]:
    if not item.flag_bits & _ENCRYPTED:
        return _read_bounded(archive, item, None), None
    for password in passwords:
        try:
            content = _read_bounded(archive, item, password.encode("utf-8"))
        except _FAILURES:
            continue  # a wrong password, or AES, which zipfile does not know
        return content, password
    return None, None


def _read_bounded(archive: zipfile.ZipFile, item: zipfile.ZipInfo, password: bytes | None) -> bytes:
    # The directory's size is the sender's word; never inflate beyond it.
    with archive.open(item, pwd=password) as stream:
        return stream.read(min(item.file_size, MAX_MEMBER))


def _read_packed(part: Part, kind: str, budget: _Budget) -> Archive:
    try:
        content, complete, more = _unpack(part.content, kind)
    except _FAILURES as error:
        return Archive(part, damage=f"{type(error).__name__}: {error}")
    if more or not budget.take(len(content)):
        return Archive(part, excess=f"unpacks to more than {MAX_MEMBER:,} bytes")
    if magic(content) == "tar":
        return _read_tar(part, content, budget)
    name = part.filename or "file"
    for ending in _ENDINGS[kind]:
        name = name.removesuffix(ending)
    damage = "" if complete else "truncated"
    return Archive(part, members=(_member(part, name, content),), names=(name,), damage=damage)


def _unpack(content: bytes, kind: str) -> tuple[bytes, bool, bool]:
    """At most `MAX_MEMBER` bytes, whether the stream ended, and whether it would go on beyond them."""
    if kind == "gzip":
        inflater = zlib.decompressobj(wbits=31)
        return inflater.decompress(content, MAX_MEMBER), inflater.eof, bool(inflater.unconsumed_tail)
    reader = bz2.BZ2Decompressor() if kind == "bzip" else lzma.LZMADecompressor(memlimit=_XZ_MEMORY)
    data = reader.decompress(content, MAX_MEMBER)
    return data, reader.eof, len(data) >= MAX_MEMBER and not reader.eof


def _read_tar(part: Part, content: bytes, budget: _Budget) -> Archive:
    members: list[Part] = []
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
            for item in archive:
                if not budget.take(item.size):
                    return Archive(part, tuple(members), excess="more than the limits on members and bytes")
                stream = archive.extractfile(item) if item.isreg() else None
                if stream is not None:
                    members.append(_member(part, item.name, stream.read(MAX_MEMBER)))
    except _FAILURES as error:
        return Archive(part, tuple(members), damage=f"{type(error).__name__}: {error}")
    return Archive(part, tuple(members), tuple(member.filename or "" for member in members))


def _member(part: Part, name: str, content: bytes) -> Part:
    return Part(
        f"{part.path}!{name}"[:300], "application/octet-stream", content, filename=name, disposition="attachment"
    )
