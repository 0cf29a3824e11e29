"""One connection: the loop around commands. aiosmtpd gives the protocol, this gives the discipline.

Replaced of aiosmtpd 1.4.6: its loop takes bare-LF lines and commands that nobody asked for, has one timer
for everything, tells strangers the names of exceptions, and cancels the work on a message when its client
closes the connection.
"""

from __future__ import annotations

import asyncio
from typing import Any

from aiosmtpd.smtp import SMTP

from gateway.log import get_logger
from gateway.smtp import replies
from gateway.smtp.client import Reply
from gateway.smtp.context import Context
from gateway.smtp.introduction import is_listed, normal_ip, proxied_ip
from gateway.smtp.wire import ConnectionGone, LineRefused, Source

COMMAND_LIMIT = 2048
# RFC 2920 §3.1: these must be the last of a group, since their reply decides what may follow.
LAST_OF_GROUP = frozenset({"HELO", "EHLO", "DATA", "STARTTLS", "VRFY", "EXPN", "NOOP", "AUTH", "XCLIENT"})
log = get_logger()


class Connection(SMTP):
    """Reads commands and calls `smtp_<COMMAND>`; `Session` has those."""

    line_length_limit = 65536  # only bounds what is read ahead; lines have their own limit

    def __init__(self, context: Context, *, implicit_tls: bool = False) -> None:
        self.context = context
        self.implicit_tls = implicit_tls
        self.tls = implicit_tls
        loop = asyncio.get_running_loop()
        super().__init__(context, hostname=context.settings.smtp.hostname, loop=loop, tls_context=context.tls)
        self.client_ip = self._peer = "unknown"
        self.client_gone = False
        self.busy = False
        self.closing = False
        self.errors = 0

    def connection_lost(self, error: Exception | None) -> None:
        """Note it. The work on a message that was received in full goes on, or stops where it is safe."""
        self.client_gone = True
        self.transport = None
        asyncio.StreamReaderProtocol.connection_lost(self, error)

    def eof_received(self) -> bool | None:
        """The client will send no more; it may still listen."""
        return asyncio.StreamReaderProtocol.eof_received(self)

    def _reset_timeout(self, duration: float | None = None) -> None:
        """Every read has a deadline of its own instead."""

    async def push(self, status: Any) -> None:
        """Send a reply."""
        if isinstance(status, Reply):
            status = f"{status.code} {status.text}"
        self._writer.write(str(status).encode("ascii", "replace") + b"\r\n")
        await self._writer.drain()

    async def refuse(self, command: str, reply: Reply) -> None:
        """Send a refusal and count it."""
        self.context.metrics.refusals.labels(command, str(reply.code)).inc()
        self.errors += 1
        await self.push(reply)

    async def _handle_client(self) -> None:
        """From the greeting to the end; whatever happens, the connection is left closed."""
        self.source = Source(self._reader)
        self.client_ip = _peer_ip(self._writer)
        try:
            self._peer = self.client_ip
            await self._introduce()
            refusal = self.context.gate.enter(self.client_ip)
            if refusal is not None:
                await self.push(refusal)
                return
            try:
                await self._converse()
            finally:
                self.context.gate.leave(self.client_ip)
        except ConnectionGone as gone:
            await self._farewell(gone)
        except OSError:
            self.client_gone = True
        finally:
            await self.cleanup()
            self._writer.close()

    async def _introduce(self) -> None:
        """Whom a load balancer speaks for."""
        if is_listed(self.client_ip, self.context.settings.smtp.proxy_protocol_from):
            if self.implicit_tls:
                # A header stands before the handshake, where nobody reads it; without it the client is unknown.
                log.warning("proxy_protocol", problem="not spoken at smtp.listen_tls")
                raise ConnectionGone
            self.client_ip = await proxied_ip(self._reader) or self.client_ip

    async def secure(self) -> None:
        """The handshake of STARTTLS; what was sent before it is dropped (RFC 3207 §4.2)."""
        if self.context.tls is None:
            raise ConnectionGone
        self.source.discard()
        await self._writer.start_tls(self.context.tls, ssl_handshake_timeout=30)
        # Python 3.11 leaves the reader with the transport of before, which it pauses when it is full.
        self._reader._transport = self._writer.transport  # type: ignore[attr-defined]
        self.transport = self._writer.transport
        self.tls = True

    async def cleanup(self) -> None:
        """Hook: the connection is over."""

    async def _farewell(self, gone: ConnectionGone) -> None:
        if gone.silent and not self.client_gone:
            try:
                async with asyncio.timeout(5):
                    await self.push(replies.TIMEOUT)
            except (OSError, TimeoutError):
                self.client_gone = True

    async def _converse(self) -> None:
        settings = self.context.settings.smtp
        # Who speaks before the greeting is no mail server (RFC 5321 §3.1).
        await asyncio.sleep(settings.greet_pause)
        if self.source.pending():
            await self.refuse("CONNECT", replies.GREETING_TOO_EARLY)
            return
        denied = self.context.admission.client(self.client_ip)
        if denied is not None:
            await self.refuse("CONNECT", denied)
            return
        await self.push(f"220 {settings.hostname} ESMTP seg-gateway")
        while not self.closing and self.errors < settings.errors_per_connection:
            if self.context.gate.closing:
                await self.push(replies.SHUTTING_DOWN)
                return
            await self._next_command(settings.command_timeout)
        if not self.closing:
            await self.push(replies.TOO_MANY_ERRORS)

    async def _next_command(self, seconds: float) -> None:
        try:
            self.busy = False
            line = await self.source.line(COMMAND_LIMIT, seconds)
            self.busy = True
            command, _, argument = line.decode("utf-8", "surrogateescape").partition(" ")
            await self._dispatch(command.upper(), argument.strip(" \t"))
        except LineRefused as refused:
            self.closing = refused.fatal
            await self.refuse("LINE", Reply(refused.code, refused.text))

    async def _dispatch(self, command: str, argument: str) -> None:
        method = self._smtp_methods.get(command) if command.isascii() and command.isalpha() else None
        if method is None:
            await self.refuse("UNKNOWN", Reply(500, "5.5.2 Command not recognized"))
        elif command in LAST_OF_GROUP and self.source.pending():
            self.closing = True
            await self.refuse(command, replies.UNSYNCHRONIZED)
        else:
            try:
                await method(argument)
            except (ConnectionGone, OSError, asyncio.CancelledError):
                raise
            except Exception as error:
                # The sender must learn nothing of it, the log everything but the content.
                log.error("bug", command=command, error=type(error).__name__, at=where(error))
                await self.refuse(command, replies.INTERNAL)

    def stop_if_idle(self) -> None:
        """Close a connection that waits for a command; one that works ends by itself."""
        if self._begun and not self.busy and not self.client_gone:
            self._writer.write(f"{replies.SHUTTING_DOWN.code} {replies.SHUTTING_DOWN.text}\r\n".encode("ascii"))
            self._writer.close()

    def kill(self) -> None:
        """Close whatever goes on."""
        if self._begun and self._handler_coroutine is not None:
            self._handler_coroutine.cancel()
            self._writer.close()

    @property
    def _begun(self) -> bool:
        """False during the handshake of implicit TLS, and for good where that failed."""
        return self._handler_coroutine is not None


def where(error: BaseException) -> str:
    """File and line of a bug: enough to find it, nothing of the message that it was about."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""


def _peer_ip(writer: asyncio.StreamWriter) -> str:
    peer = writer.get_extra_info("peername")
    return (normal_ip(str(peer[0])) if peer else None) or "unknown"
