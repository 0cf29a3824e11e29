"""The name of the client's address, and whether it leads back to it (`iprev`, RFC 8601 §3)."""

from __future__ import annotations

import ipaddress

from gateway.authentication.fields import normal_domain
from gateway.authentication.resolver import DnsFailure, Resolver

_NAMES = 5
"""So many names of one address are looked at; RFC 8601 §3 leaves the number to the receiver."""


def check(resolver: Resolver, client_ip: str | None) -> tuple[str | None, str | None]:
    """Result and the name it speaks of: one that leads back if any does; `None` twice where there is no address."""
    try:
        address = ipaddress.ip_address(client_ip or "")
    except ValueError:
        return None, None
    try:
        found = [normal_domain(str(name)) for name in resolver.lookup(address.reverse_pointer, "PTR")[:_NAMES]]
        names = [name for name in found if name]
        if not names:
            return "permerror", None
        back = next((name for name in names if _leads_to(resolver, name, address)), None)
        return ("pass", back) if back else ("fail", names[0])
    except DnsFailure:
        return "temperror", None


def _leads_to(resolver: Resolver, name: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    answers = resolver.lookup(name, "AAAA" if address.version == 6 else "A")
    return any(ipaddress.ip_address(str(answer)) == address for answer in answers)
