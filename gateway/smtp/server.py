"""Listens, and stops without dropping what is under way."""

from __future__ import annotations

import asyncio
import ssl
import weakref
from dataclasses import dataclass
from functools import partial

from gateway.settings import SmtpSettings
from gateway.smtp.context import Context
from gateway.smtp.session import Session
from seg_ml.domain.errors import ConfigError

HANDSHAKE_SECONDS = 10.0
"""For implicit TLS: a connection counts towards the bounds once its handshake is done."""


@dataclass(frozen=True, slots=True)
class Listener:
    """An address to listen on, `key` being the setting that names it."""

    key: str
    host: str
    port: int
    implicit_tls: bool = False


class SmtpServer:
    """The listening sockets and the sessions that they opened."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._servers: list[asyncio.Server] = []
        self._sessions: weakref.WeakSet[Session] = weakref.WeakSet()

    async def start(self) -> list[tuple[str, int]]:
        """Listen on all addresses; returns them with the ports that were bound, those with implicit TLS last.

        Raises:
            ConfigError: an address cannot be bound.
        """
        loop = asyncio.get_running_loop()
        bound: list[tuple[str, int]] = []
        for wanted in listeners(self._context.settings.smtp):
            session = partial(self._session, implicit_tls=wanted.implicit_tls)
            tls, seconds = (self._context.tls, HANDSHAKE_SECONDS) if wanted.implicit_tls else (None, None)
            try:
                server = await loop.create_server(
                    session,
                    wanted.host,
                    wanted.port,
                    backlog=512,
                    reuse_address=True,
                    ssl=tls,
                    ssl_handshake_timeout=seconds,
                )
            except OSError as error:
                raise ConfigError(f"{wanted.key}: {wanted.host}:{wanted.port}: {error.strerror}") from error
            self._servers.append(server)
            bound += [socket.getsockname()[:2] for socket in server.sockets]
        return bound

    def _session(self, *, implicit_tls: bool) -> Session:
        session = Session(self._context, implicit_tls=implicit_tls)
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


def listeners(settings: SmtpSettings) -> list[Listener]:
    """The addresses of `listen`, then those of `listen_tls`.

    Raises:
        ConfigError: one is none, or TLS is wanted and there is no certificate; it names the key.
    """
    if settings.listen_tls and settings.tls_certificate is None:
        raise ConfigError("smtp.listen_tls: needs smtp.tls_certificate and smtp.tls_key")
    found = []
    for key, addresses, implicit_tls in (
        ("smtp.listen", settings.listen, False),
        ("smtp.listen_tls", settings.listen_tls, True),
    ):
        for address in addresses:
            try:
                host, port = split_address(address)
            except ConfigError as error:
                raise ConfigError(f"{key}: {error}") from error
            found.append(Listener(key, host, port, implicit_tls))
    return found


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
    """TLS towards senders, 1.2 at least; `None` without a certificate.

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
