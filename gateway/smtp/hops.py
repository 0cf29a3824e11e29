"""Connections to next hops, kept for a while between messages, and what each next hop is able to do."""

from __future__ import annotations

import time
from collections import defaultdict

from gateway.settings import DownstreamSettings, NextHop
from gateway.smtp.client import SmtpClient
from gateway.smtp.exchange import Exchange
from seg_ml.domain.errors import DeliveryError

IDLE_SECONDS = 5.0
MESSAGES_PER_CONNECTION = 100
IDLE_PER_HOP = 16


Route = NextHop | str
"""A server, or a domain whose own servers take the mail."""


class Hops:
    """Gives out connections; `route` says whose."""

    def __init__(self, settings: DownstreamSettings, hostname: str, exchange: Exchange) -> None:
        self._settings = settings
        self._hostname = hostname
        self._exchange = exchange
        self._idle: dict[Route, list[tuple[float, SmtpClient]]] = defaultdict(list)
        self._extensions: dict[Route, frozenset[str]] = {}

    def route(self, domain: str, *, outbound: bool) -> Route | None:
        """Who takes mail for this domain."""
        own = self._settings.domains.get(domain)
        if own is not None or not outbound:
            return own or self._settings.inbound
        return domain if self._settings.outbound == "mx" else self._settings.outbound

    async def acquire(self, hop: Route, *, fresh: bool = False) -> SmtpClient:
        """A connection that stands; a new one where none is kept or `fresh` asks for it.

        Raises:
            DeliveryError: the next hop cannot be reached.
        """
        while self._idle[hop] and not fresh:
            since, client = self._idle[hop].pop()
            if client.usable and time.monotonic() - since < IDLE_SECONDS:
                return client
            client.abort()
        if isinstance(hop, str):
            return await self._exchange.connect(hop)
        client = await SmtpClient.connect(hop, self._hostname)
        self._extensions[hop] = frozenset(client.extensions)
        return client

    async def release(self, hop: Route, client: SmtpClient) -> None:
        """Give a connection back that is between two transactions."""
        kept = self._idle[hop]
        if client.usable and client.messages < MESSAGES_PER_CONNECTION and len(kept) < IDLE_PER_HOP:
            kept.append((time.monotonic(), client))
        else:
            await client.quit()

    def supports(self, extension: str) -> bool:
        """Whether the inbound next hop is known to offer an extension."""
        return extension in self._extensions.get(self._settings.inbound, frozenset())

    async def probe(self) -> bool:
        """Ask the inbound next hop what it offers; whether it answered."""
        try:
            await self.release(self._settings.inbound, await self.acquire(self._settings.inbound, fresh=True))
        except DeliveryError:
            return False
        return True

    def sweep(self) -> None:
        """Close connections that nobody used for a while."""
        now = time.monotonic()
        for hop, kept in list(self._idle.items()):
            for since, client in kept:
                if now - since >= IDLE_SECONDS:
                    client.abort()
            self._idle[hop] = [(since, client) for since, client in kept if now - since < IDLE_SECONDS]
            if not self._idle[hop]:
                del self._idle[hop]

    async def close(self) -> None:
        """Close all kept connections."""
        for kept in self._idle.values():
            for _, client in kept:
                await client.quit()
        self._idle.clear()
