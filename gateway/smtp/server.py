"""Listens, and stops without dropping what is under way."""

from __future__ import annotations

import asyncio
import ssl
import weakref

from gateway.settings import SmtpSettings
from gateway.smtp.context import Context
from gateway.smtp.session import Session
from seg_ml.domain.errors import ConfigError


class SmtpServer:
    """The listening sockets and the sessions that they opened."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._servers: list[asyncio.Server] = []
        self._sessions: weakref.WeakSet[Session] = weakref.WeakSet()

    async def start(self) -> list[tuple[str, int]]:
        """Listen on all addresses; returns them with the ports that were bound.

        Raises:
            ConfigError: an address cannot be bound.
        """
        loop = asyncio.get_running_loop()
        bound: list[tuple[str, int]] = []
        for address in self._context.settings.smtp.listen:
            host, port = split_address(address)
            try:
                server = await loop.create_server(self._session, host, port, backlog=512, reuse_address=True)
            except OSError as error:
                raise ConfigError(f"smtp.listen: {address}: {error.strerror}") from error
            self._servers.append(server)
            bound += [socket.getsockname()[:2] for socket in server.sockets]
        return bound

    def _session(self) -> Session:
        session = Session(self._context)
        self._sessions.add(session)
        return session

    async def drain(self, deadline: float) -> None:
        """421 to newcomers and the idle; running transactions end by themselves, or with the deadline."""
        self._context.gate.closing = True
        for session in list(self._sessions):
            session.stop_if_idle()
        try:
            async with asyncio.timeout(deadline):
                if self._context.gate.total:
                    await self._context.gate.empty.wait()
        except TimeoutError:
            for session in list(self._sessions):
                session.kill()
        for server in self._servers:
            server.close()


def split_address(address: str) -> tuple[str, int]:
    """`host:port` or `[v6]:port`.

    Raises:
        ConfigError: it is neither.
    """
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65535:
        raise ConfigError(f"{address!r}: an address reads host:port")
    return host.strip("[]"), int(port)


def server_tls(settings: SmtpSettings) -> ssl.SSLContext | None:
    """STARTTLS for senders, TLS 1.2 at least; `None` without a certificate.

    Raises:
        ConfigError: certificate or key cannot be read.
    """
    if settings.tls_certificate is None or settings.tls_key is None:
        if settings.tls_certificate is not None or settings.tls_key is not None:
            raise ConfigError("smtp.tls_certificate and smtp.tls_key: give both or none")
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.tls_certificate, settings.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"smtp.tls_certificate: {settings.tls_certificate}: {error}") from error
    return context
