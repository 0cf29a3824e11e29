"""ClamAV's daemon, asked over its socket: INSTREAM of the whole message, which clamd takes apart itself.

Written to the protocol (clamd(8), "COMMANDS"). The wrapper on PyPI knows no Unix socket and hands every kilobyte
to a thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import struct
from typing import Protocol

from gateway.scoring.breaker import Breaker
from seg_ml.domain.errors import ConfigError, SegError
from seg_ml.domain.verdict import Finding, Severity, Surface

FOUND_ID = "clamav"
UNREACHABLE_ID = "clamav-unreachable"
CHUNK = 1 << 16
LARGEST_ANSWER = 4096
_LENGTH = struct.Struct("!L")
_FOUND = re.compile(r"^stream: (?P<name>.+) FOUND$")


class ClamAvUnavailable(SegError):
    """No answer that can be used; the text says why."""


class Scans(Protocol):
    """Looks for known malware in a message."""

    required: bool

    async def scan(self, raw: bytes) -> tuple[Finding, ...]:
        """Findings; `UNREACHABLE_ID` where nobody could look."""
        ...


class ClamAv:
    """One connection a message, a bound on how many at once, a deadline and a breaker."""

    def __init__(
        self, address: str, *, deadline: float, concurrency: int, breaker: Breaker, required: bool = False
    ) -> None:
        self._path, self._host, self._port = split_clamd(address)
        self._deadline = deadline
        self._slots = asyncio.Semaphore(concurrency)
        self.breaker = breaker
        self.required = required

    async def scan(self, raw: bytes) -> tuple[Finding, ...]:
        """A critical finding with the signature's name, none for a clean message, an informative one without answer."""
        try:
            name = await self.ask(raw)
        except ClamAvUnavailable as error:
            return (Finding(UNREACHABLE_ID, Severity.INFO, str(error), Surface.STRUCTURE),)
        if not name:
            return ()
        return (Finding(FOUND_ID, Severity.CRITICAL, f"ClamAV knows this as {name}", Surface.ATTACHMENT),)

    async def ask(self, raw: bytes) -> str:
        """The name of the signature that matched, empty where none did.

        Raises:
            ClamAvUnavailable: the daemon is not there, too slow, or did not look at all of it.
        """
        if not self.breaker.allow():
            raise ClamAvUnavailable("clamav: the breaker is open")
        try:
            async with asyncio.timeout(self._deadline), self._slots:
                reader, writer = await self._connect()
                try:
                    answer = await _instream(reader, writer, raw)
                finally:
                    writer.close()
        except TimeoutError as error:
            self.breaker.failure()
            raise ClamAvUnavailable(f"clamav: no answer within {self._deadline:g} s") from error
        except OSError as error:
            self.breaker.failure()
            raise ClamAvUnavailable(f"clamav: {type(error).__name__}") from error
        self.breaker.success()
        return _name(answer)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._path:
            return await asyncio.open_unix_connection(self._path, limit=LARGEST_ANSWER)
        return await asyncio.open_connection(self._host, self._port, limit=LARGEST_ANSWER)


async def _instream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, raw: bytes) -> str:
    """Send a message and return the answer.

    Raises:
        ClamAvUnavailable: the daemon hung up. No reason to think it dead: whoever sends large mail could
            otherwise have it left out for everybody.
    """
    # clamd answers before the end of a message beyond its StreamMaxLength, and then closes.
    answering = asyncio.create_task(reader.readuntil(b"\0"))
    try:
        with contextlib.suppress(ConnectionError):
            await _send(writer, raw, answering)
        answer = await answering
    except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise ClamAvUnavailable(f"clamav: {type(error).__name__} instead of an answer") from error
    finally:
        answering.cancel()
    return answer[:-1].decode("utf-8", "replace").strip()


async def _send(writer: asyncio.StreamWriter, raw: bytes, answering: asyncio.Task[bytes]) -> None:
    writer.write(b"zINSTREAM\0")
    for start in range(0, len(raw), CHUNK):
        if answering.done():
            return
        chunk = raw[start : start + CHUNK]
        writer.write(_LENGTH.pack(len(chunk)) + chunk)
        await writer.drain()
    writer.write(_LENGTH.pack(0))
    await writer.drain()


def _name(answer: str) -> str:
    if answer == "stream: OK":
        return ""
    found = _FOUND.match(answer)
    if found is None:
        raise ClamAvUnavailable(f"clamav: {answer[:200]}")
    return found["name"]


def split_clamd(address: str) -> tuple[str, str, int]:
    """(path, host, port) of `/path`, `unix:/path` or `host:port`.

    Raises:
        ConfigError: it is none of them.
    """
    path = address.removeprefix("unix:")
    if path.startswith("/"):
        return path, "", 0
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ConfigError(f"clamav.address: {address!r} is no path and no host:port")
    return "", host.strip("[]"), int(port)


def unreachable(findings: tuple[Finding, ...]) -> bool:
    """Whether nobody could look."""
    return any(finding.signature == UNREACHABLE_ID for finding in findings)


def outcome(findings: tuple[Finding, ...]) -> str:
    """`found`, `clean` or `unreachable`."""
    if any(finding.signature == FOUND_ID for finding in findings):
        return "found"
    return "unreachable" if unreachable(findings) else "clean"
