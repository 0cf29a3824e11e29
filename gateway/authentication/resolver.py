"""DNS as the methods need it, with a seam: tests and the air-gapped use `Zone`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

import dns.exception
import dns.flags
import dns.nameserver
import dns.resolver

Answer = tuple[object, ...]


class DnsFailure(Exception):
    """No answer, which is not the answer that there is nothing."""


class Resolver(Protocol):
    """Looks names up. Blocks; callers run it in threads.

    Answers are text for A, AAAA and PTR, `(preference, host)` for MX, the joined bytes for TXT, and
    `(usage, selector, matching, data)` for TLSA.
    """

    def lookup(self, name: str, kind: str) -> Answer:
        """All records of one kind; none where name or kind do not exist.

        Raises:
            DnsFailure: nobody answered.
        """
        ...

    def ask(self, name: str, kind: str) -> tuple[Answer, bool]:
        """`lookup`, and whether a validating resolver vouches for the answer (the AD bit, RFC 6840 §5.8)."""
        ...


class DnsResolver:
    """dnspython with a cache. `timeout` in seconds is for one lookup, retries included.

    A name server reads `address` or `address:port` (IPv6: `[address]:port`). Only with `validating` is an AD bit
    believed: whoever sets it must be reached over a path that nobody else can write to.
    """

    def __init__(self, nameservers: list[str], timeout: float, *, validating: bool = False) -> None:
        self._validating = validating
        self._resolver: dns.resolver.Resolver | None
        try:
            self._resolver = dns.resolver.Resolver(configure=not nameservers)
        except dns.resolver.NoResolverConfiguration:
            self._resolver = None
            return
        if nameservers:
            self._resolver.nameservers = [_nameserver(text) for text in nameservers]
        if validating:
            self._resolver.use_edns(0, dns.flags.DO, 1232)
            self._resolver.flags = dns.flags.RD | dns.flags.AD
        self._resolver.lifetime = timeout
        self._resolver.cache = dns.resolver.LRUCache(10_000)

    def lookup(self, name: str, kind: str) -> Answer:
        """See `Resolver`."""
        return self.ask(name, kind)[0]

    def ask(self, name: str, kind: str) -> tuple[Answer, bool]:
        """See `Resolver`."""
        if self._resolver is None:
            raise DnsFailure("no name server is configured")
        try:
            answer = self._resolver.resolve(name, kind, search=False, raise_on_no_answer=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return (), False
        except (dns.exception.DNSException, OSError, UnicodeError) as error:
            raise DnsFailure(type(error).__name__) from error
        secure = self._validating and bool(answer.response.flags & dns.flags.AD)
        return tuple(_plain(record, kind) for record in answer.rrset or ()), secure


def _nameserver(text: str) -> str | dns.nameserver.Nameserver:
    host, colon, port = text.rpartition(":")
    if colon and port.isdigit() and (":" not in host or host.startswith("[")):
        return dns.nameserver.Do53Nameserver(host.strip("[]"), int(port))
    return text.strip("[]")


def _plain(record: object, kind: str) -> object:
    if kind == "TXT":
        return b"".join(record.strings)  # type: ignore[attr-defined]
    if kind == "MX":
        return record.preference, record.exchange.to_text(True)  # type: ignore[attr-defined]
    if kind == "PTR":
        return record.target.to_text(True)  # type: ignore[attr-defined]
    if kind == "TLSA":
        return record.usage, record.selector, record.mtype, record.cert  # type: ignore[attr-defined]
    return str(record)


class Zone:
    """Records from a mapping `(name, kind) → answers`; a name in `failing` gets no answer at all.

    Names in `signed` are vouched for. A name fails for all kinds, `(name, kind)` for one.
    """

    def __init__(
        self,
        records: Mapping[tuple[str, str], Answer],
        failing: Collection[str | tuple[str, str]] = (),
        signed: Collection[str] = (),
    ) -> None:
        self._records = records
        self._failing = failing
        self._signed = signed

    def lookup(self, name: str, kind: str) -> Answer:
        """See `Resolver`."""
        return self.ask(name, kind)[0]

    def ask(self, name: str, kind: str) -> tuple[Answer, bool]:
        """See `Resolver`."""
        name = name.rstrip(".").lower()
        if name in self._failing or (name, kind) in self._failing or "*" in self._failing:
            raise DnsFailure(name)
        return self._records.get((name, kind), ()), name in self._signed
