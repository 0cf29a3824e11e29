"""`Received` fields: which one the receiving site wrote when it took a message from outside."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass

from seg_ml.domain.message import Header

_FROM = re.compile(r"^\s*from\s+(\S+)", re.IGNORECASE)
_HELO = re.compile(r"\bhelo[\s=]+([^\s()]+)", re.IGNORECASE)
_BY = re.compile(r"\bby\s+([\w.-]+)", re.IGNORECASE)
_ADDRESS = re.compile(r"[\[(](?:IPv6:)?([0-9a-fA-F]*[.:][0-9a-fA-F.:]+)[\])]", re.IGNORECASE)
# Who asked DNS writes the name beside the address: `(name [ip])` of Postfix, Sendmail and large providers, before
# `(HELO …)` in qmail, first of all in Exim. Elsewhere nothing is known.
_BESIDE = re.compile(r"\(([\w.-]+)\s+\[[^\]]+\](\s*\(may be forged\))?", re.IGNORECASE)
_BARE = re.compile(r"\(\[[^\]]+\]")
_QMAIL = re.compile(r"^\s*from\s+([\w.-]+)\s+\((?:HELO|EHLO)\s", re.IGNORECASE)
_EXIM = re.compile(r"^\s*from\s+([\w.-]+)\s+\(\[[^\]]+\]", re.IGNORECASE)
_SECOND_LEVEL = frozenset({"co", "com", "net", "org", "ac", "gov", "edu", "or", "ne"})

# One large provider names its own hosts in three domains, and its customers' senders in a branch of the first.
_SAME_SITE = {"office365.com": "outlook.com", "exchangelabs.com": "outlook.com"}
_OTHER_TENANTS = "outbound.protection.outlook.com"


@dataclass(frozen=True, slots=True)
class Hop:
    """One `Received` field (RFC 5321 §4.4). `position` is its place among all header fields.

    `iprev` and `client_name` are as in `AuthenticationResults`: what the host that wrote the field said of the client.
    """

    position: int
    helo: str | None
    client_ip: str | None
    by: str | None
    iprev: str | None = None
    client_name: str | None = None

    @property
    def public(self) -> bool:
        """Whether the client's address is one of the internet's."""
        return self.client_ip is not None and ipaddress.ip_address(self.client_ip).is_global


def hops(headers: Sequence[Header]) -> list[Hop]:
    """Every `Received` field, newest first, as they stand."""
    return [_hop(position, h.raw) for position, h in enumerate(headers) if h.name.lower() == "received"]


def border(found: Sequence[Hop], receives_at: frozenset[str] = frozenset()) -> Hop | None:
    """The newest hop that came from outside: the receiving site wrote it and every field above.

    A hop is the site's own while its client has no public address, or bears a name of an organization
    that received at this hop or above (large sites use more than one domain inside), or of `receives_at`.
    """
    site: set[str | None] = set(receives_at)
    for hop in found:
        site.add(organization(hop.by))
        sender = organization(hop.helo)
        if hop.public and (sender is None or sender not in site):
            return hop
    return None


def organization(host: str | None) -> str | None:
    """The last two labels of a host name, three under the likes of `co.uk`; `None` for no name or an address."""
    labels = (host or "").lower().strip("[].").split(".")
    if len(labels) < 2 or labels[-1].isdigit():
        return None
    if ".".join(labels).endswith(_OTHER_TENANTS):
        return _OTHER_TENANTS
    domain = ".".join(labels[-3:] if labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2 else labels[-2:])
    return _SAME_SITE.get(domain, domain)


def _hop(position: int, value: str) -> Hop:
    flat = " ".join(value.split())
    by = _BY.search(flat)
    handed_over = flat[: by.start()] if by else flat
    name = _HELO.search(handed_over) or _FROM.match(handed_over)
    iprev, client_name = _reverse(flat, handed_over)
    return Hop(
        position=position,
        helo=name.group(1).strip("()[];") or None if name else None,
        client_ip=_client_ip(handed_over),
        by=by.group(1).rstrip(".") if by else None,
        iprev=iprev,
        client_name=client_name,
    )


def _reverse(field: str, handed_over: str) -> tuple[str | None, str | None]:
    """Whether the client's address had a name that leads back to it, and the name; `None` where nobody asked."""
    exim = "(Exim" in field or "helo=" in handed_over
    if qmail := _QMAIL.match(handed_over):
        return _named(qmail.group(1), "pass")
    if beside := _BESIDE.search(handed_over):
        return _named(beside.group(1), "fail" if beside.group(2) else "pass")
    if exim:
        verified = _EXIM.match(handed_over)
        return _named(verified.group(1), "pass") if verified else ("permerror", None)
    return ("permerror", None) if _BARE.search(handed_over) else (None, None)


def _named(name: str, result: str) -> tuple[str, str | None]:
    """`unknown` is what programs write for an address without a name."""
    known = organization(name) is not None
    return (result, name.lower().rstrip(".")) if known else ("permerror", None)


def _client_ip(text: str) -> str | None:
    for match in _ADDRESS.finditer(text):
        try:
            return str(ipaddress.ip_address(match.group(1)))
        except ValueError:
            continue
    return None
