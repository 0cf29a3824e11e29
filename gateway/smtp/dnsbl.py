"""Blocklists of clients in DNS (RFC 5782), with a cache. A list that does not answer lists nobody."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from gateway.authentication.resolver import DnsFailure, Resolver

SECONDS = 300.0
MOST_CACHED = 50_000


class Blocklists:
    """Asks zones, in order, about addresses; each for `deadline` seconds at most."""

    def __init__(
        self, zones: list[str], resolver: Resolver, deadline: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._zones = zones
        self._resolver = resolver
        self._deadline = deadline
        self._clock = clock
        self._cache: OrderedDict[str, tuple[float, str]] = OrderedDict()
        self._threads = ThreadPoolExecutor(8, thread_name_prefix="dnsbl")

    async def listed(self, client_ip: str) -> str:
        """The zone that lists the address, empty where none does."""
        if not self._zones:
            return ""
        cached = self._cache.get(client_ip)
        if cached is not None and self._clock() - cached[0] < SECONDS:
            return cached[1]
        try:
            async with asyncio.timeout(self._deadline):
                zone = await asyncio.get_running_loop().run_in_executor(self._threads, self._ask, client_ip)
        except TimeoutError:
            return ""
        self._cache[client_ip] = (self._clock(), zone)
        if len(self._cache) > MOST_CACHED:
            self._cache.popitem(last=False)
        return zone

    def _ask(self, client_ip: str) -> str:
        name = _reversed(client_ip)
        for zone in self._zones if name else ():
            try:
                answers = self._resolver.lookup(f"{name}.{zone}", "A")
            except DnsFailure:
                continue
            # 127.255.255.x says "you may not ask" or "too many questions", which is no listing.
            if any(str(a).startswith("127.") and not str(a).startswith("127.255.255.") for a in answers):
                return zone
        return ""

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _reversed(client_ip: str) -> str:
    try:
        pointer = ipaddress.ip_address(client_ip).reverse_pointer
    except ValueError:
        return ""
    return pointer.removesuffix(".in-addr.arpa").removesuffix(".ip6.arpa")
