"""MTA-STS policies: announced in DNS, fetched over HTTPS, kept for as long as they say (RFC 8461 §3.3, §5.1)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from gateway.authentication.resolver import DnsFailure, Resolver
from gateway.log import get_logger
from gateway.routing.sts import BadPolicy, StsPolicy, parse_policy, policy_id

RETRY_SECONDS = 300.0
MOST_FAILURES = 10_000
log = get_logger()


class FetchFailed(Exception):
    """No policy came over HTTPS; the text says why."""


Fetch = Callable[[str], Awaitable[str]]
"""From a domain to the text of its policy, or `FetchFailed`."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A policy's text as it was fetched; `expires_at` in seconds since the epoch."""

    id: str
    text: str
    expires_at: float


class Keeper(Protocol):
    """Where policies are kept. A store that cannot be used keeps nothing, and says so itself."""

    async def get(self, domain: str) -> Kept | None:
        """What is kept for a domain."""
        ...

    async def put(self, domain: str, kept: Kept) -> None:
        """Keep it in the place of what was there."""
        ...


class Memory:
    """Keeps policies as long as the process lives."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}

    async def get(self, domain: str) -> Kept | None:
        """See `Keeper`."""
        return self._kept.get(domain)

    async def put(self, domain: str, kept: Kept) -> None:
        """See `Keeper`."""
        self._kept[domain] = kept


class Policies:
    """What domains ask of their senders."""

    def __init__(
        self, resolver: Resolver, fetch: Fetch, keeper: Keeper, clock: Callable[[], float] = time.time
    ) -> None:
        self._resolver = resolver
        self._fetch = fetch
        self._keeper = keeper
        self._clock = clock
        self._failed: dict[tuple[str, str], float] = {}

    async def policy(self, domain: str) -> StsPolicy | None:
        """The policy that holds now: a new one where its id changed, else the one that is kept until it expires."""
        kept = await self._keeper.get(domain)
        if kept is not None and kept.expires_at <= self._clock():
            kept = None
        announced = await self._announced(domain)
        if announced and (kept is None or kept.id != announced):
            kept = await self._renew(domain, announced) or kept
        return parse_policy(kept.text) if kept is not None else None

    async def _announced(self, domain: str) -> str:
        """The id in DNS; empty where there is none, also when nobody answers: what is kept then goes on."""
        try:
            records = await asyncio.to_thread(self._resolver.lookup, f"_mta-sts.{domain}", "TXT")
        except DnsFailure:
            return ""
        return policy_id(records)

    async def _renew(self, domain: str, announced: str) -> Kept | None:
        now = self._clock()
        if now - self._failed.get((domain, announced), float("-inf")) < RETRY_SECONDS:
            return None
        try:
            text = await self._fetch(domain)
            kept = Kept(announced, text, now + parse_policy(text).max_age)
        except (FetchFailed, BadPolicy) as error:
            if len(self._failed) >= MOST_FAILURES:
                self._failed.clear()
            self._failed[domain, announced] = now
            log.warning("mta_sts", policy_of=domain, problem=f"{type(error).__name__}: {error}")
            return None
        await self._keeper.put(domain, kept)
        return kept
