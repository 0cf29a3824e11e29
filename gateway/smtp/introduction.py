"""Hosts that speak for others: the PROXY protocol of load balancers, XCLIENT and XFORWARD of Postfix.

Believed only from listed hosts: whoever else says so is answered like any unknown command.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re

from aiosmtpd.proxy_protocol import get_proxy

from gateway.settings import Network
from gateway.smtp.wire import ConnectionGone

PROXY_SECONDS = 5.0
ATTRIBUTES = ("NAME", "ADDR", "PORT", "PROTO", "HELO", "LOGIN", "IDENT", "SOURCE", "DESTADDR", "DESTPORT")
UNKNOWN = ("[UNAVAILABLE]", "[TEMPUNAVAIL]")
_HEX = re.compile(r"\+([0-9A-Fa-f]{2})")


async def proxied_ip(reader: asyncio.StreamReader) -> str | None:
    """The client's address from a PROXY header; `None` where the balancer speaks for itself (LOCAL, UNKNOWN).

    Raises:
        ConnectionGone: there is no valid header.
    """
    try:
        async with asyncio.timeout(PROXY_SECONDS):
            found = await get_proxy(reader)
    except (TimeoutError, OSError, EOFError) as error:
        raise ConnectionGone from error
    if not found.valid:
        raise ConnectionGone
    return normal_ip(str(found.src_addr)) if found.src_addr else None


def normal_ip(text: str) -> str | None:
    """An address in its one usual form, IPv4 out of IPv6 where it is mapped; `None` where it is none."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)


def is_listed(client_ip: str, networks: list[Network]) -> bool:
    """Whether an address belongs to one of these networks."""
    try:
        address = ipaddress.ip_address(client_ip)
    except ValueError:
        return False
    return any(address in network for network in networks)


def parse_attributes(argument: str) -> dict[str, str] | None:
    """`NAME=value` pairs in xtext (RFC 3461 §4); `None` where one is malformed. Unknown values are left out."""
    attributes: dict[str, str] = {}
    for word in argument.split():
        name, equals, value = word.partition("=")
        if not equals or name.upper() not in ATTRIBUTES:
            return None
        decoded = _HEX.sub(lambda match: chr(int(match[1], 16)), value)
        if any(ord(character) < 32 for character in decoded):
            return None
        if decoded.upper() not in UNKNOWN:
            attributes[name.upper()] = decoded
    if "ADDR" in attributes:
        address = attributes["ADDR"]
        ip = normal_ip(address[5:] if address.upper().startswith("IPV6:") else address)
        if ip is None:
            return None
        attributes["ADDR"] = ip
    return attributes
