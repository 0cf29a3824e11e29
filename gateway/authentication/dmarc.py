"""DMARC (RFC 9989): does what SPF and DKIM proved belong to the author's domain?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

from gateway.authentication.resolver import DnsFailure, Resolver

POLICIES = ("none", "quarantine", "reject")
MILDER = {"reject": "quarantine", "quarantine": "none", "none": "none"}


@dataclass(frozen=True, slots=True)
class Record:
    """A published policy, as it applies to the author's domain."""

    policy: str
    strict_dkim: bool
    strict_spf: bool


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(only_icann=False)


@lru_cache(maxsize=10_000)
def organizational_domain(domain: str) -> str:
    """The domain under its public suffix; a public suffix is its own."""
    return str(_suffixes().privatesuffix(domain) or domain)


def find_record(resolver: Resolver, domain: str) -> Record | None:
    """The record of the domain, or of its organizational domain; `None` where neither publishes one.

    Raises:
        DnsFailure: nobody answered.
    """
    own = _record(resolver, domain)
    if own is not None:
        return _as_record(own, own.get("p", ""))
    parent = organizational_domain(domain)
    theirs = _record(resolver, parent) if parent != domain else None
    return _as_record(theirs, theirs.get("sp", theirs.get("p", ""))) if theirs is not None else None


def _record(resolver: Resolver, domain: str) -> dict[str, str] | None:
    texts = [bytes(text) for text in resolver.lookup(f"_dmarc.{domain}", "TXT") if isinstance(text, bytes)]
    found = [text for text in texts if re.match(rb"\s*v\s*=\s*DMARC1\s*(?:;|$)", text)]
    if len(found) != 1:
        return None  # RFC 9989 §4.10: several records are none
    pairs = (part.partition("=") for part in found[0].decode("ascii", "replace").split(";"))
    return {name.strip().lower(): value.strip().lower() for name, _, value in pairs if name.strip()}


def _as_record(tags: dict[str, str], policy: str) -> Record:
    """An unreadable policy is `none`; a domain that only tests (`t=y`) asks for one step less."""
    policy = policy if policy in POLICIES else "none"
    if tags.get("t") == "y":
        policy = MILDER[policy]
    return Record(policy, tags.get("adkim") == "s", tags.get("aspf") == "s")


def aligned(author: str, proven: str, *, strict: bool) -> bool:
    """Whether a proven domain speaks for the author's."""
    if author == proven:
        return True
    return not strict and organizational_domain(author) == organizational_domain(proven)


def evaluate(
    resolver: Resolver,
    author: str | None,
    *,
    spf: tuple[str, str | None],
    dkim_passed: Iterable[str],
    dkim_unsure: Iterable[str],
) -> tuple[str, str | None]:
    """Result and the published policy. `permerror` where there is no one author's domain."""
    if author is None:
        return "permerror", None
    try:
        record = find_record(resolver, author)
    except DnsFailure:
        return "temperror", None
    if record is None:
        return "none", None
    result, domain = spf

    def by_spf(wanted: str) -> bool:
        return result == wanted and domain is not None and aligned(author, domain, strict=record.strict_spf)

    def by_dkim(domains: Iterable[str]) -> bool:
        return any(aligned(author, item, strict=record.strict_dkim) for item in domains)

    if by_spf("pass") or by_dkim(dkim_passed):
        return "pass", record.policy
    if by_spf("temperror") or by_dkim(dkim_unsure):
        return "temperror", record.policy
    return "fail", record.policy
