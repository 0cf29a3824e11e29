"""A feed's file as text: unpacked within a limit, and refused where it is a web page and no feed."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TextIO, cast

from seg_ml.domain.errors import ConfigError

_HEAD = 2048


@contextmanager
def opened(path: Path, source: str, limit: int) -> Iterator[TextIO]:
    """The text of a feed; gzip, and a zip of one file, are known by their first octets.

    Raises:
        ConfigError: it is a web page, longer than `limit`, damaged or cut short; also while it is read.
    """
    try:
        with path.open("rb") as file, _unpacked(file) as plain:
            bounded = io.BufferedReader(_Bounded(plain, source, limit), 1 << 16)
            head = bounded.peek(_HEAD)[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
            if head.startswith((b"<!doctype html", b"<html", b"<head", b"<?xml", b"<body")):
                raise ConfigError(f"source {source}: a web page instead of a feed")
            yield io.TextIOWrapper(bounded, encoding="utf-8", errors="replace", newline="")
    except (EOFError, OSError, zlib.error, zipfile.BadZipFile) as error:
        raise ConfigError(f"source {source}: {path.name} is damaged or cut short: {error}") from error


@contextmanager
def _unpacked(file: IO[bytes]) -> Iterator[IO[bytes]]:
    magic = file.read(4)
    file.seek(0)
    if magic[:2] == b"\x1f\x8b":
        with gzip.open(file) as plain:
            yield cast(IO[bytes], plain)
    elif magic == b"PK\x03\x04":
        with zipfile.ZipFile(file) as archive:
            names = [item for item in archive.infolist() if not item.is_dir()]
            if len(names) != 1:
                raise zipfile.BadZipFile(f"{len(names)} files in the archive, expected one")
            with archive.open(names[0]) as member:
                yield member
    else:
        yield file


class _Bounded(io.RawIOBase):
    """Raises where more is read than allowed: a small file may unpack to a large one."""

    def __init__(self, inner: IO[bytes], source: str, limit: int) -> None:
        super().__init__()
        self._inner, self._source, self._left = inner, source, limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._inner.read(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise ConfigError(f"source {self._source}: larger than its size limit")
        buffer[: len(data)] = data
        return len(data)
