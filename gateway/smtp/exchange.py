"""Connections to the servers of other domains: tried in order, with the TLS that each has to prove."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from gateway.log import get_logger
from gateway.metrics import Metrics
from gateway.routing.routes import Routes, Target
from gateway.routing.tls import Tls
from gateway.settings import MxSettings, NextHop
from gateway.smtp.client import SmtpClient, TlsFailed
from seg_ml.domain.errors import DeliveryError

UNAVAILABLE = "4.4.1 Hosts of the recipient's domain are not available, try again later"
UNPROVEN = "4.7.5 Hosts of the recipient's domain do not prove who they are, try again later"
log = get_logger()


class Exchange:
    """Asks `routes` whom to try."""

    def __init__(self, routes: Routes, settings: MxSettings, hostname: str, metrics: Metrics) -> None:
        self._routes = routes
        self._settings = settings
        self._hostname = hostname
        self._metrics = metrics

    async def connect(self, domain: str) -> SmtpClient:
        """A connection to one of the domain's servers.

        Raises:
            DeliveryError: it takes no mail, or none of its servers does now.
        """
        try:
            async with asyncio.timeout(self._settings.deadline):
                return await self._first(await self._routes.targets(domain))
        except TimeoutError as error:
            raise DeliveryError(451, UNAVAILABLE) from error

    async def _first(self, targets: Sequence[Target]) -> SmtpClient:
        """The first target that takes a connection (RFC 5321 §5.1: after a refusal the next is tried)."""
        failures: list[DeliveryError] = []
        for target in targets:
            try:
                return await self._try(target)
            except DeliveryError as error:
                failures.append(error)
        raise _worst(failures)

    async def _try(self, target: Target) -> SmtpClient:
        for tls in target.levels[:-1]:
            try:
                return await self._open(target, tls)
            except TlsFailed as failure:
                if target.testing and tls is target.levels[0]:
                    log.warning("mta_sts", mx=target.host, mode="testing", problem=failure.why)
        return await self._open(target, target.levels[-1])

    async def _open(self, target: Target, tls: Tls) -> SmtpClient:
        wanted = self._settings
        hop = NextHop(
            host=target.address,
            port=wanted.port,
            connect_timeout=wanted.connect_timeout,
            command_timeout=wanted.command_timeout,
            data_timeout=wanted.data_timeout,
        )
        try:
            client = await SmtpClient.connect(hop, self._hostname, tls)
        except TlsFailed:
            self._metrics.exchanges.labels(tls.level, "failed").inc()
            raise
        self._metrics.exchanges.labels(tls.level, "connected").inc()
        return client


def _worst(failures: Sequence[DeliveryError]) -> DeliveryError:
    """A lasting refusal only where all say so. Never `NextHopGone`: everything was tried, no second try helps."""
    if any(isinstance(error, TlsFailed) for error in failures):
        return DeliveryError(451, UNPROVEN)
    temporary = [error for error in failures if error.code < 500]
    if temporary:
        return DeliveryError(451, UNAVAILABLE)
    return failures[-1]
