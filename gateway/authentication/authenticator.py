"""All methods for one message, within one deadline. What cannot be known in time is `temperror`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from gateway.authentication import dmarc, iprev, signatures, spf
from gateway.authentication.fields import author_domain, values
from gateway.authentication.resolver import DnsFailure, Resolver
from gateway.authentication.signatures import Keys, SignatureResults
from seg_ml.domain.envelope import AuthenticationResults, Envelope
from seg_ml.domain.errors import SegError

T = TypeVar("T")
DNS_THREADS = 32
Runner = Callable[..., Coroutine[Any, Any, SignatureResults]]
UNKNOWN = AuthenticationResults(
    spf="temperror", dkim="temperror", dmarc="temperror", arc="temperror", iprev="temperror"
)


class Authenticator:
    """`run` takes a function and its arguments to a worker process; see `gateway.scoring.workers`."""

    def __init__(self, resolver: Resolver, run: Runner, deadline: float) -> None:
        self._resolver = resolver
        self._run = run
        self._deadline = deadline
        self._threads = ThreadPoolExecutor(DNS_THREADS, thread_name_prefix="dns")

    async def authenticate(self, raw: bytes, envelope: Envelope) -> AuthenticationResults:
        """Results of SPF, DKIM, DMARC, ARC and iprev. Never raises on content, and not on DNS."""
        try:
            async with asyncio.timeout(self._deadline):
                return await self._authenticate(raw, envelope)
        except TimeoutError:
            return UNKNOWN

    async def _authenticate(self, raw: bytes, envelope: Envelope) -> AuthenticationResults:
        spf_result, signed, (named, client_name) = await asyncio.gather(
            self._spf(envelope),
            self._signatures(raw),
            self._thread(lambda: iprev.check(self._resolver, envelope.client_ip)),
        )
        result, policy = await self._thread(
            lambda: dmarc.evaluate(
                self._resolver,
                author_domain(raw),
                spf=spf_result,
                dkim_passed=signed.domains,
                dkim_unsure=signed.unsure,
            )
        )
        return AuthenticationResults(
            spf=spf_result[0],
            spf_domain=spf_result[1],
            dkim=signed.dkim,
            dkim_domains=signed.domains,
            dmarc=result,
            dmarc_policy=policy,
            arc=signed.arc,
            iprev=named,
            client_name=client_name,
        )

    async def _spf(self, envelope: Envelope) -> tuple[str, str | None]:
        ip, sender, helo = envelope.client_ip or "", envelope.reverse_path or "", envelope.helo or ""
        return await self._thread(lambda: spf.check(self._resolver, ip, sender, helo))

    async def _signatures(self, raw: bytes) -> SignatureResults:
        names = signatures.key_names(raw)
        if not names:
            # Unsigned mail is `none`, whatever else is wrong with it; only signed mail can fail.
            unreadable = bool(values(raw, b"dkim-signature"))
            return SignatureResults("permerror" if unreadable else "none")
        found = await asyncio.gather(*(self._thread(partial(self._key, name)) for name in names))
        keys: Keys = dict(zip(names, found, strict=True))
        try:
            return await self._run(signatures.verify, raw, keys)
        except SegError:
            # The worker died on it: nothing was proven.
            return SignatureResults("permerror")

    def _key(self, name: str) -> bytes | None:
        try:
            answers = self._resolver.lookup(name, "TXT")
        except DnsFailure:
            return None
        return next((answer for answer in answers if isinstance(answer, bytes)), b"")

    async def _thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def close(self) -> None:
        """Let the threads go; one that waits for DNS ends by its own time limit."""
        self._threads.shutdown(wait=False, cancel_futures=True)
