"""Signature `link-shortener`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.domains import organizational_domain
from seg_ml.signatures.lists import bundled
from seg_ml.signatures.urls import web_links


@signature(
    "link-shortener",
    version=1,
    attack="T1566.002",
    severity=Severity.LOW,
    surface=Surface.LINK,
    attack_type="Credential Phishing",
    tactic="Evasion: URL shortener",
)
class LinkShortener(Detector):
    """A link passes a shortener, so that the reader cannot see where it leads.

    Source: ATT&CK T1566.002.
    Benign twin: the shortener's own mail, and links to the service's front page.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per shortened link."""
        shorteners = bundled("shorteners.txt")
        own = organizational_domain(message.author.domain)
        seen: set[str] = set()
        for _, url in web_links(message):
            listed = url.host.removeprefix("www.") in shorteners and url.path not in ("", "/")
            if listed and url.domain != own and url.href not in seen:
                seen.add(url.href)
                yield self.finding(f"a shortened link: {url.host}{url.path}")
