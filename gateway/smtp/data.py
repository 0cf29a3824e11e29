"""Reads DATA: linear in its size, whatever the lines are, and strict about what a line is.

RFC 5321 §2.3.8 and §4.1.1.4: only CR LF ends a line and only CR LF . CR LF ends the message. Bare CR,
bare LF and NUL are refused, since the next server may read them otherwise (SMTP smuggling).
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from typing import IO

from gateway.smtp.wire import ConnectionGone, Source

END = b"\r\n.\r\n"
IN_MEMORY = 1024 * 1024


class Decoder:
    """Takes blocks, finds the final dot, removes the transparency dots, writes the rest to `file`.

    `problem` is empty, or the first of `bare-newline`, `too-big` and `disk`; after a problem nothing
    more is written, but the end is still looked for.
    """

    def __init__(self, file: IO[bytes], size_limit: int) -> None:
        self.size = 0
        self.problem = ""
        self._file = file
        self._limit = size_limit
        # The message starts at the start of a line: as if CR LF had come before. Those two are not written.
        self._carry = b"\r\n"
        self._before = b""
        self._skip = 2

    def feed(self, block: bytes) -> bytes | None:
        """What lies behind the final dot, or `None` while it has not come."""
        window = self._carry + block
        end = window.find(END)
        if end >= 0:
            self._take(window[: end + 2])
            return window[end + len(END) :]
        # The end may be cut in two, and so may CR LF: both stay for the next block.
        cut = max(0, len(window) - len(END) + 1)
        if cut and window[cut - 1] == 0x0D:
            cut -= 1
        self._take(window[:cut])
        self._carry = window[cut:]
        return None

    def _take(self, segment: bytes) -> None:
        if not segment:
            return
        pairs = segment.count(b"\r\n")
        if segment.count(b"\r") != pairs or segment.count(b"\n") != pairs or b"\0" in segment:
            self.problem = self.problem or "bare-newline"
        context = len(self._before)
        clear = (self._before + segment).replace(b"\r\n.", b"\r\n")[context + self._skip :]
        self._before = (self._before + segment)[-2:]
        self._skip = 0
        self.size += len(clear)
        if self.size > self._limit:
            self.problem = self.problem or "too-big"
        if not self.problem:
            self._write(clear)

    def _write(self, clear: bytes) -> None:
        try:
            self._file.write(clear)
        except OSError:
            self.problem = "disk"


class Incoming:
    """One message as it came: `raw` is empty where there is a `problem`."""

    def __init__(self, raw: bytes, size: int, problem: str) -> None:
        self.raw = raw
        self.size = size
        self.problem = problem


async def read_message(
    source: Source,
    *,
    size_limit: int,
    patience: float,
    deadline: float,
    fits: Callable[[int], bool] = lambda size: True,
) -> Incoming:
    """Read up to the final dot; `fits` says whether a message of this size may come into memory.

    Raises:
        ConnectionGone: the client left, was silent, took too long, or sent more than twice the limit.
    """
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        decoder = Decoder(file, size_limit)
        try:
            async with asyncio.timeout(deadline):
                await _read(source, decoder, patience, 2 * size_limit)
        except TimeoutError as error:
            raise ConnectionGone(silent=True) from error
        if decoder.problem:
            return Incoming(b"", decoder.size, decoder.problem)
        if not fits(decoder.size):
            return Incoming(b"", decoder.size, "memory")
        try:
            file.seek(0)
            return Incoming(file.read(), decoder.size, "")
        except OSError:
            return Incoming(b"", decoder.size, "disk")


async def _read(source: Source, decoder: Decoder, patience: float, most: int) -> None:
    while (rest := decoder.feed(await source.block(patience))) is None:
        if decoder.size > most:
            raise ConnectionGone
    source.unread(rest)
