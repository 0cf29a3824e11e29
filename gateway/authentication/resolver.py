"""DNS as the methods need it, with a seam: tests and the air-gapped use `Zone`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import dns.exception
import dns.resolver

Answer = tuple[object, ...]


class DnsFailure(Exception):
    """No answer, which is not the answer that there is nothing."""


class Resolver(Protocol):
    """Looks names up. Blocks; callers run it in threads.

    Answers are text for A, AAAA and PTR, `(preference, host)` for MX, and the joined bytes for TXT.
    """

    def lookup(self, name: str, kind: str) -> Answer:
        """All records of one kind; none where name or kind do not exist.

        Raises:
            DnsFailure: nobody answered.
        """
        ...


class DnsResolver:
    """dnspython with a cache. `timeout` in seconds is for one lookup, retries included."""

    def __init__(self, nameservers: list[str], timeout: float) -> None:
        self._resolver: dns.resolver.Resolver | None
        try:
            self._resolver = dns.resolver.Resolver(configure=not nameservers)
        except dns.resolver.NoResolverConfiguration:
            self._resolver = None
            return
        if nameservers:
            self._resolver.nameservers = list(nameservers)
        self._resolver.lifetime = timeout
        self._resolver.cache = dns.resolver.LRUCache(10_000)

    def lookup(self, name: str, kind: str) -> Answer:
        """See `Resolver`."""
        if self._resolver is None:
            raise DnsFailure("no name server is configured")
        try:
            answer = self._resolver.resolve(name, kind, search=False, raise_on_no_answer=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except (dns.exception.DNSException, OSError, UnicodeError) as error:
            raise DnsFailure(type(error).__name__) from error
        return tuple(_plain(record, kind) for record in answer.rrset or ())


def _plain(record: object, kind: str) -> object:
    if kind == "TXT":
        return b"".join(record.strings)  # type: ignore[attr-defined]
    if kind == "MX":
        return record.preference, record.exchange.to_text(True)  # type: ignore[attr-defined]
    if kind == "PTR":
        return record.target.to_text(True)  # type: ignore[attr-defined]
    return str(record)


class Zone:
    """Records from a mapping `(name, kind) → answers`; a name in `failing` gets no answer at all."""

    def __init__(self, records: Mapping[tuple[str, str], Answer], failing: frozenset[str] = frozenset()) -> None:
        self._records = records
        self._failing = failing

    def lookup(self, name: str, kind: str) -> Answer:
        """See `Resolver`."""
        name = name.rstrip(".").lower()
        if name in self._failing or "*" in self._failing:
            raise DnsFailure(name)
        return self._records.get((name, kind), ())
