"""How far the archives of a message unpack. Counted as they unpack; no size that the sender wrote is believed.

Opens what the signatures open: ZIP, tar, gzip, bzip2 and xz, one inside another. What is encrypted or damaged is
a matter for them as well.
"""

from __future__ import annotations

import bz2
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from seg_ml.signatures.filetypes import magic

ARCHIVES = frozenset({"zip", "gzip", "bzip", "xz", "tar"})
CHUNK = 1 << 16
SMALL = 1 << 20
"""Below this nobody's memory is at stake, and a few repeated lines reach any ratio."""

MEMBERS = 20_000
XZ_MEMORY = 64 << 20
_DOCUMENT = frozenset({"[content_types].xml", "mimetype"})
_FAILURES = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error, ArithmeticError, EOFError),
    *(LookupError, NotImplementedError, OSError, RuntimeError, ValueError),
)


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """Archives one inside another, octets out of one octet, octets out of the whole message."""

    depth: int = 3
    ratio: int = 100
    expanded: int = 100 << 20


DEFAULT_ARCHIVE_LIMITS = ArchiveLimits()


class TooMuch(Exception):
    """A limit is exceeded; the text is its code."""


def excess(contents: Iterable[bytes], limits: ArchiveLimits) -> str:
    """The limit that a message's attachments exceed, empty where they keep to all."""
    meter = _Meter(limits)
    try:
        for content in contents:
            _open(content, 1, meter)
    except TooMuch as limit:
        return str(limit)
    return ""


class _Meter:
    """Counts over one message."""

    def __init__(self, limits: ArchiveLimits) -> None:
        self.limits = limits
        self._total = 0
        self._members = 0

    def member(self) -> None:
        self._members += 1
        if self._members > MEMBERS:
            raise TooMuch("archive-members-limit")

    def take(self, chunk: bytes) -> None:
        self._total += len(chunk)
        if self._total > self.limits.expanded:
            raise TooMuch("archive-size-limit")


def _open(content: bytes, depth: int, meter: _Meter) -> None:
    kind = magic(content)
    if kind not in ARCHIVES:
        return
    if depth > meter.limits.depth:
        raise TooMuch("archive-depth-limit")
    try:
        if kind == "zip":
            _zip(content, depth, meter)
        elif kind == "tar":
            _tar(content, depth, meter)
        else:
            _packed(content, kind, depth, meter)
    except _FAILURES:
        return  # damaged: the signature `archive-unread` says so


def _zip(content: bytes, depth: int, meter: _Meter) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        items = [item for item in archive.infolist() if not item.is_dir() and not item.flag_bits & 1]
        # Tables of office documents repeat themselves more than that; their size is bounded like any other.
        document = any(item.filename.lower() in _DOCUMENT for item in items)
        for item in items:
            meter.member()
            try:
                with archive.open(item) as stream:
                    inner = _read(_chunks(stream), 0 if document else item.compress_size, meter)
            except _FAILURES:
                continue  # one damaged member hides none of the others
            _open(inner, depth + 1, meter)


def _tar(content: bytes, depth: int, meter: _Meter) -> None:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
        for item in archive:
            meter.member()
            stream = archive.extractfile(item) if item.isreg() else None
            if stream is not None:
                _open(_read(_chunks(stream), 0, meter), depth + 1, meter)


def _packed(content: bytes, kind: str, depth: int, meter: _Meter) -> None:
    meter.member()
    inner = _read(_unpacked(content, kind), len(content), meter)
    # A packed tar is one archive, as whoever made it sees it.
    _open(inner, depth if magic(inner) == "tar" else depth + 1, meter)


def _read(chunks: Iterable[bytes], packed: int, meter: _Meter) -> bytes:
    """All of it if it is an archive itself, else nothing. `packed` octets went in; 0 asks for no ratio."""
    kept = bytearray()
    size = 0
    nested = False
    for chunk in chunks:
        nested = nested or (not size and magic(chunk) in ARCHIVES)
        size += len(chunk)
        meter.take(chunk)
        if packed and size > max(SMALL, packed * meter.limits.ratio):
            raise TooMuch("archive-ratio-limit")
        if nested:
            kept += chunk
    return bytes(kept)


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk


def _unpacked(content: bytes, kind: str) -> Iterator[bytes]:
    if kind == "bzip":
        with bz2.BZ2File(io.BytesIO(content)) as stream:
            yield from _chunks(stream)
    else:
        yield from (_gzip if kind == "gzip" else _xz)(content)


def _gzip(content: bytes) -> Iterator[bytes]:
    """Several streams may stand one after the other."""
    while content:
        inflater = zlib.decompressobj(wbits=31)
        while content and not inflater.eof:
            yield inflater.decompress(content, CHUNK)
            content = inflater.unconsumed_tail
        content = inflater.unused_data.lstrip(b"\0")


def _xz(content: bytes) -> Iterator[bytes]:
    reader = lzma.LZMADecompressor(memlimit=XZ_MEMORY)
    yield reader.decompress(content, CHUNK)
    while not reader.eof and not reader.needs_input:
        yield reader.decompress(b"", CHUNK)
