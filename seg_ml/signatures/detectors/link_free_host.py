"""Signature `link-free-host`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.domains import is_free_host, is_under, organizational_domain
from seg_ml.signatures.urls import Url, web_links


@signature(
    "link-free-host",
    version=1,
    attack="T1583.006",
    severity=Severity.MEDIUM,
    surface=Surface.LINK,
    attack_type="Credential Phishing",
    tactic="Free file or site host",
)
class LinkFreeHost(Detector):
    """A link leads to a host where anyone may publish a page or form without paying or a name of one's own.

    Source: ATT&CK T1583.006 (web services).
    Benign twin: links to one's own page there, from the same address.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per host; low where the host serves files and forms to everyone, medium for throw-away sites."""
        own = organizational_domain(message.author.domain)
        seen: set[str] = set()
        for _, url in web_links(message):
            grave = _kind(url)
            if grave is not None and url.host not in seen and organizational_domain(url.host) != own:
                seen.add(url.host)
                yield self.finding(f"a page at the free host {url.host}", severity=grave)


def _kind(url: Url) -> Severity | None:
    if is_free_host(url.host):
        return Severity.MEDIUM
    return Severity.LOW if is_under(url.host, "shared_hosts.txt") and url.path not in ("", "/") else None
