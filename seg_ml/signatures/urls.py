"""A link's target as a browser reads it (WHATWG URL), behind the redirectors that name their target."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import can_ada

from seg_ml.domain.message import Link, Message
from seg_ml.signatures.domains import is_ip, organizational_domain
from seg_ml.signatures.redirectors import carried

MAX_URL = 8192
MAX_HOPS = 5

_AUTHORITY = re.compile(r"[a-z][a-z0-9+.-]{0,30}:[/\\]*([^/\\?#]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Url:
    """A parsed target. `host` is what a browser connects to (A-labels, canonical address), `written_host` what
    stands in the mail. `hops` are the redirectors' hosts that it was unwrapped from, outermost first."""

    href: str
    scheme: str
    host: str
    written_host: str = ""
    username: str = ""
    password: str = ""
    port: str = ""
    path: str = ""
    query: str = ""
    hops: tuple[str, ...] = ()

    @property
    def domain(self) -> str:
        """The organizational domain of the host."""
        return organizational_domain(self.host) if self.host else ""

    @property
    def is_web(self) -> bool:
        """Whether it leads to a web host."""
        return self.scheme in ("http", "https") and bool(self.host)

    @property
    def is_address(self) -> bool:
        """Whether the host is an IP address."""
        return is_ip(self.host)


@lru_cache(maxsize=16384)
def read_url(target: str) -> Url | None:
    """Parse one target, `None` where a browser would refuse it. Nothing is fetched."""
    target = target.strip()[:MAX_URL]
    if target[:4].lower() == "www.":
        target = "http://" + target
    try:
        parsed = can_ada.parse(target)
    except ValueError:
        return None
    written = _AUTHORITY.match(target)
    return Url(
        href=parsed.href,
        scheme=parsed.protocol.rstrip(":"),
        host=parsed.hostname.strip("[]").rstrip("."),
        written_host=_without_userinfo(written.group(1)) if written else "",
        username=parsed.username,
        password=parsed.password,
        port=parsed.port,
        path=parsed.pathname,
        query=parsed.search.lstrip("?"),
    )


def _without_userinfo(authority: str) -> str:
    host = authority.rpartition("@")[2].lower()
    return host.rpartition(":")[0] if re.search(r":\d{0,5}$", host) else host


@lru_cache(maxsize=16384)
def unwrap(target: str) -> Url | None:
    """The target behind redirectors that carry it in their own URL, `None` where a browser would refuse it.

    Safe Links, Proofpoint, Google, Barracuda and the like, and open redirects: a parameter that holds a URL of
    another organization. At most `MAX_HOPS` deep.
    """
    url = read_url(target)
    hops: list[str] = []
    while url is not None and url.is_web and len(hops) < MAX_HOPS:
        inner = read_url(carried(url.host, url.path, url.query) or "")
        if inner is None or not inner.is_web or inner.domain == url.domain:
            break
        hops.append(url.host)
        url = inner
    if url is None or not hops:
        return url
    return Url(
        url.href, url.scheme, url.host, url.written_host, url.username, url.password, url.port, url.path, url.query,
        tuple(hops),
    )  # fmt: skip


def web_links(message: Message) -> list[tuple[Link, Url]]:
    """Links that a reader can follow to the web, unwrapped, one per target and text."""
    found: dict[tuple[str, str], tuple[Link, Url]] = {}
    for link in message.links:
        if link.kind == "image" or (link.target, link.text) in found:
            continue
        url = unwrap(link.target)
        if url is not None and url.is_web:
            found[link.target, link.text] = (link, url)
    return list(found.values())
