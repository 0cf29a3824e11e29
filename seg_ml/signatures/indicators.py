"""What of a link is looked up in the intelligence store, and how grave a hit is."""

from __future__ import annotations

from collections.abc import Iterator

from seg_ml.domain.verdict import Severity
from seg_ml.signatures.domains import names_of
from seg_ml.signatures.intel_loaders import canonical
from seg_ml.signatures.intel_store import Indicator, Kind
from seg_ml.signatures.urls import Url

_SEVERITY = {Kind.SHA256: Severity.CRITICAL, Kind.URL: Severity.CRITICAL}
_MOST = {"medium": Severity.HIGH, "low": Severity.MEDIUM}
"""What sources that err now and then may say at most."""


def gravity(kind: Kind, found: tuple[Indicator, ...]) -> Severity:
    """Graver for exact pages and files than for hosts and addresses; no graver than the best source may say."""
    most = max(_MOST.get(item.reliability, Severity.CRITICAL) for item in found)
    return min(_SEVERITY.get(kind, Severity.HIGH), most)


def sources(found: tuple[Indicator, ...]) -> str:
    """Who says so, since when, for evidence."""
    return "; ".join(f"{i.source} {i.first_seen} to {i.last_seen}{' ' + i.note if i.note else ''}" for i in found[:3])


def of_link(url: Url) -> Iterator[tuple[Kind, str]]:
    """The page, then its host and every domain above it."""
    exact = canonical(Kind.URL, url.href)
    if exact is not None:
        yield Kind.URL, exact
    if url.is_address:
        yield Kind.IP, url.host
    else:
        yield from of_host(url.host)


def of_host(host: str) -> Iterator[tuple[Kind, str]]:
    """A host and every domain above it."""
    return ((Kind.DOMAIN, name) for name in names_of(host))
