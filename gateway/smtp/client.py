"""A client of the next hop. It sends bytes as they are and says at each step what is known."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.routing.dane import Mismatch
from gateway.routing.tls import Tls
from gateway.settings import NextHop
from seg_ml.domain.errors import DeliveryError

SLICE = 262_144
LONGEST_REPLY_LINE = 2048
MOST_REPLY_LINES = 100
_REPLY = re.compile(rb"(\d{3})([ -]?)(.*)")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply of the next hop; `text` in printable ASCII on one line."""

    code: int
    text: str

    @property
    def positive(self) -> bool:
        """2xx or 3xx."""
        return 200 <= self.code < 400

    def raise_for(self) -> None:
        """Raise `DeliveryError` for 4xx and 5xx; anything else that is not positive is a 451."""
        if not self.positive:
            code = self.code if 400 <= self.code < 600 else 451
            raise DeliveryError(code, self.text)


class NextHopGone(DeliveryError):
    """The connection broke or was silent before the message was handed over: it was not taken."""

    def __init__(self, why: str) -> None:
        super().__init__(451, "4.4.1 Next hop is not available, try again later")
        self.why = why


class TlsFailed(NextHopGone):
    """No TLS, or not with whom it should be."""


class Uncertain(DeliveryError):
    """The connection broke after the final dot: the message may have been taken."""

    def __init__(self, why: str) -> None:
        super().__init__(451, "4.4.2 Next hop did not confirm, try again later")
        self.why = why


class SmtpClient:
    """One connection. Build with `connect`."""

    def __init__(self, hop: NextHop, tls: Tls, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.hop = hop
        self.tls = tls
        self.extensions: dict[str, str] = {}
        self.messages = 0
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, hop: NextHop, hostname: str, tls: Tls | None = None) -> SmtpClient:
        """Connect, greet, start TLS as `tls` asks, or else the settings of the hop.

        Raises:
            DeliveryError: no usable connection.
        """
        try:
            async with asyncio.timeout(hop.connect_timeout):
                tls = tls or Tls(hop.tls, hop.host, hop.ca_file)
                opening = asyncio.open_connection(hop.host, hop.port, limit=LONGEST_REPLY_LINE)
                client = cls(hop, tls, *(await opening))
                await client._greet(hostname)
        except (OSError, TimeoutError) as error:
            raise NextHopGone(type(error).__name__) from error
        return client

    async def _greet(self, hostname: str) -> None:
        try:
            (await self._reply()).raise_for()
            await self._ehlo(hostname)
            if self.tls.level != "none":
                await self._start_tls(hostname)
        except BaseException:
            self.abort()
            raise

    async def _ehlo(self, hostname: str) -> None:
        lines = await self._exchange(f"EHLO {hostname}", self.hop.connect_timeout)
        if lines[0].positive:
            words = (line.text.upper().partition(" ") for line in lines[1:])
            self.extensions = {name: parameters for name, _, parameters in words}
            return
        if lines[0].code == 421:  # it is closing, which no HELO changes
            lines[0].raise_for()
        self.extensions = {}
        (await self.command(f"HELO {hostname}")).raise_for()

    async def _start_tls(self, hostname: str) -> None:
        if "STARTTLS" not in self.extensions:
            if self.tls.mandatory:
                raise TlsFailed("STARTTLS is required and not offered")
            return
        if not (await self.command("STARTTLS")).positive:
            raise TlsFailed("STARTTLS is refused")
        # What came in the clear after the reply must not be taken for an answer (RFC 3207 §6).
        self._reader._buffer.clear()  # type: ignore[attr-defined]
        try:
            await self._writer.start_tls(self.tls.context(), server_hostname=self.tls.host)
            self.tls.check(self._writer.get_extra_info("ssl_object"))
        except (ssl.SSLError, Mismatch) as error:
            raise TlsFailed("TLS failed") from error
        await self._ehlo(hostname)

    async def command(self, line: str, seconds: float | None = None) -> Reply:
        """Send a command and wait for its reply.

        Raises:
            NextHopGone: no reply.
        """
        try:
            return (await self._exchange(line, seconds or self.hop.command_timeout))[-1]
        except (OSError, TimeoutError, EOFError) as error:
            self.abort()
            raise NextHopGone(type(error).__name__) from error

    async def message(self, parts: Iterable[bytes]) -> Reply:
        """Send DATA, the parts one after the other, and the dot. Returns the reply to the dot.

        Raises:
            DeliveryError: DATA was refused, or the connection broke before the dot.
            Uncertain: it broke after the dot.
        """
        go_ahead = await self.command("DATA")
        if go_ahead.code != 354:
            Reply(go_ahead.code if go_ahead.code >= 400 else 451, go_ahead.text).raise_for()
        payload = _stuff(b"".join(parts))
        self.messages += 1
        try:
            async with asyncio.timeout(self.hop.data_timeout + len(payload) / 10_000):
                for start in range(0, len(payload), SLICE):
                    self._writer.write(payload[start : start + SLICE])
                    await self._writer.drain()
        except (OSError, TimeoutError) as error:
            self.abort()
            raise NextHopGone(type(error).__name__) from error
        return await self._dot()

    async def _dot(self) -> Reply:
        try:
            return (await self._exchange(".", self.hop.data_timeout))[-1]
        except (OSError, TimeoutError, EOFError, NextHopGone) as error:
            self.abort()
            raise Uncertain(type(error).__name__) from error

    async def quit(self) -> None:
        """Say goodbye and close; a server that does not answer is left."""
        try:
            await self.command("QUIT", 2.0)
        except NextHopGone:
            return
        self.abort()

    @property
    def usable(self) -> bool:
        """Whether the connection still stands and nothing unexpected has arrived."""
        silent = not self._reader._buffer  # type: ignore[attr-defined]
        return not self._writer.is_closing() and not self._reader.at_eof() and silent

    def abort(self) -> None:
        """Close at once. Before the final dot this makes the server drop the message."""
        self._writer.close()

    async def _exchange(self, line: str, seconds: float) -> list[Reply]:
        async with asyncio.timeout(seconds):
            self._writer.write(line.encode("utf-8", "surrogateescape") + b"\r\n")
            await self._writer.drain()
            return await self._lines()

    async def _reply(self) -> Reply:
        return (await self._lines())[-1]

    async def _lines(self) -> list[Reply]:
        """All lines of one reply; the last one's code counts."""
        lines: list[Reply] = []
        while len(lines) < MOST_REPLY_LINES:
            try:
                line = await self._reader.readuntil(b"\n")
            except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
                raise NextHopGone(type(error).__name__) from error
            match = _REPLY.fullmatch(line.rstrip(b"\r\n"))
            if match is None:
                raise NextHopGone("not an SMTP reply")
            lines.append(Reply(int(match[1]), _UNPRINTABLE.sub("?", match[3].decode("latin-1"))[:400]))
            if match[2] != b"-":
                return lines
        raise NextHopGone("the reply does not end")


def _stuff(message: bytes) -> bytes:
    """Add transparency dots (RFC 5321 §4.5.2) and end the last line."""
    stuffed = message.replace(b"\r\n.", b"\r\n..")
    if stuffed.startswith(b"."):
        stuffed = b"." + stuffed
    return stuffed if stuffed.endswith(b"\r\n") or not stuffed else stuffed + b"\r\n"
