"""Lines and blocks from a connection, with one buffer for both, so that nothing is read past its place."""

from __future__ import annotations

import asyncio

from seg_ml.domain.errors import SegError

BLOCK = 65536
LONGEST_REFUSED_LINE = 65536


class LineRefused(SegError):
    """A command line that is not answered with work; `code` and `text` are the reply."""

    def __init__(self, code: int, text: str, *, fatal: bool = False) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.fatal = fatal


class ConnectionGone(SegError):
    """The peer closed, or stayed silent for too long (`silent`)."""

    def __init__(self, *, silent: bool = False) -> None:
        super().__init__("silent" if silent else "closed")
        self.silent = silent


class Source:
    """What the client sends. Every read has a deadline."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._buffer = bytearray()

    def pending(self) -> bool:
        """Whether the client has sent more than was asked for."""
        # StreamReader offers no other way to look without waiting.
        return bool(self._buffer) or bool(self._reader._buffer)  # type: ignore[attr-defined]

    def discard(self) -> None:
        """Drop what was sent in the clear before TLS (RFC 3207 §4.2)."""
        self._buffer.clear()
        self._reader._buffer.clear()  # type: ignore[attr-defined]

    def unread(self, data: bytes) -> None:
        """Put back what lies behind the final dot."""
        self._buffer[:0] = data

    async def block(self, seconds: float) -> bytes:
        """The next bytes, however many there are.

        Raises:
            ConnectionGone: the client left or was silent.
        """
        if self._buffer:
            data = bytes(self._buffer)
            self._buffer.clear()
            return data
        try:
            async with asyncio.timeout(seconds):
                data = await self._reader.read(BLOCK)
        except TimeoutError as error:
            raise ConnectionGone(silent=True) from error
        except (ConnectionError, OSError) as error:
            raise ConnectionGone from error
        if not data:
            raise ConnectionGone
        return data

    async def line(self, limit: int, seconds: float) -> bytes:
        """The next command line without its CRLF.

        Raises:
            LineRefused: it is too long, ends without CR, or holds a bare CR or NUL (RFC 5321 §2.3.8).
            ConnectionGone: the client left or was silent.
        """
        line = await self._until_newline(seconds)
        if not line.endswith(b"\r\n"):
            # Two servers that disagree on line ends are what SMTP smuggling lives on.
            raise LineRefused(521, "5.5.2 Lines must end with CR LF", fatal=True)
        line = line[:-2]
        if b"\r" in line or b"\0" in line:
            raise LineRefused(500, "5.5.2 Bare CR or NUL in command")
        if len(line) > limit:
            raise LineRefused(500, "5.5.2 Command line too long")
        return line

    async def _until_newline(self, seconds: float) -> bytes:
        collected = bytearray()
        async with _deadline(seconds):
            while True:
                data = await self.block(seconds)
                end = data.find(b"\n")
                if end >= 0:
                    self.unread(data[end + 1 :])
                    return bytes(collected) + data[: end + 1]
                collected += data
                if len(collected) > LONGEST_REFUSED_LINE:
                    raise LineRefused(521, "5.5.2 Command line too long", fatal=True)


class _deadline:
    """`asyncio.timeout` that raises `ConnectionGone`: one byte a minute is silence as well."""

    def __init__(self, seconds: float) -> None:
        self._timeout = asyncio.timeout(seconds)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        try:
            await self._timeout.__aexit__(kind, error, trace)  # type: ignore[arg-type]
        except TimeoutError as expired:
            raise ConnectionGone(silent=True) from expired
