"""Signature `link-cheap-suffix`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.domains import organizational_domain, public_suffix
from seg_ml.signatures.lists import bundled
from seg_ml.signatures.urls import web_links


@signature(
    "link-cheap-suffix",
    version=1,
    attack="T1583.001",
    severity=Severity.LOW,
    surface=Surface.LINK,
    attack_type="Spam",
    tactic="Throw-away domain",
)
class LinkCheapSuffix(Detector):
    """A link leads to a domain under a suffix at which names cost next to nothing.

    Source: the suffixes that abuse statistics name year after year (Spamhaus, Interisle).
    Benign twin: the sender's own domain under such a suffix, and all others.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per domain."""
        own = organizational_domain(message.author.domain)
        cheap = bundled("cheap_suffixes.txt")
        domains = dict.fromkeys(url.domain for _, url in web_links(message) if public_suffix(url.host) in cheap)
        for domain in domains:
            if domain != own:
                yield self.finding(f"a link to {domain}")
