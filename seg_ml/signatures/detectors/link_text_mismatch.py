"""Signature `link-text-mismatch`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.brands import brand_table
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.domains import organizational_domain
from seg_ml.signatures.shown_domains import shown_domain
from seg_ml.signatures.urls import Url, web_links


@signature(
    "link-text-mismatch",
    version=1,
    attack="T1566.002",
    severity=Severity.MEDIUM,
    surface=Surface.LINK,
    attack_type="Credential Phishing",
    tactic="Deceptive link text",
)
class LinkTextMismatch(Detector):
    """The text of a link shows one organization's address, and the link leads to another's.

    Source: ATT&CK T1566.002; SpamAssassin's SPOOFED_URL; redirectors that name their target are unwrapped.
    Benign twin: newsletters whose links pass a tracking host of the sender's own domain.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per link; milder where the sender's own name is shown, as trackers do."""
        own = organizational_domain(message.author.domain)
        for link, url in web_links(message):
            shown = shown_domain(link.text) if link.kind == "anchor" else ""
            if shown and url.domain != shown and not self._same_owner(shown, url):
                severity = Severity.LOW if shown == own or url.domain == own else Severity.MEDIUM
                yield self.finding(
                    f"the link shows {link.text.strip()[:80]} and leads to {url.host}", severity=severity
                )

    def _same_owner(self, shown: str, url: Url) -> bool:
        owner = brand_table(self.settings).owner(shown)
        return owner is not None and owner.owns(url.host)
