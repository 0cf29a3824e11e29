"""Follows a link's redirects from outside the house, where somebody asks for it: never by itself, never directly.

Every request goes through one configured egress proxy. What is refused before it is asked: anything but http and
https on their own ports, addresses that are not global (RFC 6890), names of internal networks, and names that lead
to such addresses. A name may lead elsewhere by the time the proxy looks it up, so the proxy has to refuse private
ranges as well. No cookie, no referrer, no credentials are sent, and no body is read.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Collection
from dataclasses import dataclass
from time import monotonic
from typing import Any, NamedTuple
from urllib.parse import urljoin

import httpx

from seg_ml.domain.errors import ConfigError
from seg_ml.mail.headers import parameters
from seg_ml.signatures.urls import Url, read_url

MAX_STEPS = 8
STEP_SECONDS, ALL_SECONDS = 5.0, 15.0
AGENT = "Mozilla/5.0 (compatible; seg-ml-resolver/1)"

_INTERNAL = frozenset(
    "localhost local internal intranet private corp home lan test invalid example onion arpa localdomain".split()
)  # RFC 6761, RFC 6762 appendix G, RFC 7686, and what firms call their own networks
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address in its last four octets

Lookup = Callable[[str], Collection[str]]


@dataclass(frozen=True, slots=True)
class Resolution:
    """Addresses in the order in which they were met, the last one the furthest; `stopped` says why no further.

    `media_type` and `filename` are what the last server says of what it hands out, empty where it says nothing.
    """

    steps: tuple[str, ...]
    stopped: str = ""
    media_type: str = ""
    filename: str = ""

    @property
    def end(self) -> str:
        """Where the link leads, as far as it was followed."""
        return self.steps[-1]


class Served(NamedTuple):
    """The end of the way, by its headers."""

    media_type: str
    filename: str


class Refused(Exception):
    """A link that is not asked for."""


def addresses_of(host: str) -> Collection[str]:
    """Every address of a name.

    Raises:
        OSError: it has none, or cannot be looked up here.
    """
    return {str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}


def is_global(address: str) -> bool:
    """Whether an address is one of the public internet, whatever it is wrapped in."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0].strip("[]"))
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_global(str(inner))
    return found.is_global and not found.is_multicast


class Resolver:
    """Follows links through a proxy. `never` names domains that are not asked, one's own among them.

    `lookup` finds the addresses of a name; `None` leaves that to the proxy, for networks without names of the
    outside.
    """

    def __init__(
        self, proxy: str, *, never: Collection[str] = (), lookup: Lookup | None = addresses_of, **options: Any
    ) -> None:
        try:
            # What the environment says of proxies would let some requests go directly.
            self._client = httpx.Client(
                proxy=proxy, trust_env=False, follow_redirects=False, timeout=STEP_SECONDS,
                headers={"User-Agent": AGENT}, **options,
            )  # fmt: skip
        except (ValueError, httpx.InvalidURL) as error:
            raise ConfigError(f"resolver: {proxy!r} is no proxy: {error}") from error
        self._never = frozenset(domain.lower() for domain in never)
        self._lookup = lookup

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def follow(self, target: str) -> Resolution:
        """Where a link leads. Never raises on what a server answers."""
        steps, deadline = [target], monotonic() + ALL_SECONDS
        try:
            while True:
                following = self._next(steps[-1])
                if isinstance(following, Served):
                    return Resolution(tuple(steps), "", following.media_type, following.filename)
                if following in steps:
                    return Resolution(tuple(steps), "goes in a circle")
                steps.append(following)
                if len(steps) > MAX_STEPS or monotonic() > deadline:
                    return Resolution(tuple(steps), "goes on for too long")
        except Refused as refusal:
            return Resolution(tuple(steps), str(refusal))
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            return Resolution(tuple(steps), f"no answer: {type(error).__name__}")

    def _next(self, target: str) -> str | Served:
        """Where one address sends its reader, or what it hands out by itself."""
        url = self._checked(target)
        self._client.cookies.clear()
        with self._client.stream("GET", url.href.partition("#")[0]) as response:
            location: str = response.headers.get("location", "")
            if not response.is_redirect or not location:
                disposition = parameters(response.headers.get("content-disposition", "")[:2000])
                media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
                return Served(media_type[:100], disposition.get("filename", "")[:300])
            return urljoin(url.href, location)

    def _checked(self, target: str) -> Url:
        url = read_url(target)
        if url is None or not url.is_web:
            raise Refused("no web address")
        if url.port:
            raise Refused(f"port {url.port} is not asked")  # a browser leaves out the scheme's own
        if url.username or url.password:
            raise Refused("holds credentials")
        if url.domain in self._never:
            raise Refused(f"{url.domain} is not asked")
        if url.is_address:
            self._refuse_private([url.host], url.host)
        elif "." not in url.host or url.host.rpartition(".")[2] in _INTERNAL:
            raise Refused(f"{url.host} is a name of an internal network")
        elif self._lookup is not None:
            try:
                found = self._lookup(url.host)
            except (OSError, UnicodeError) as error:
                raise Refused(f"{url.host} cannot be looked up") from error
            self._refuse_private(found, url.host)
        return url

    def _refuse_private(self, addresses: Collection[str], host: str) -> None:
        private = next((address for address in addresses if not is_global(address)), None)
        if private is not None:
            raise Refused(f"{host} leads to {private}, which is not of the public internet")
