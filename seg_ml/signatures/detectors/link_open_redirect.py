"""Signature `link-open-redirect`."""

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
    "link-open-redirect",
    version=2,
    attack="T1566.002",
    severity=Severity.MEDIUM,
    surface=Surface.LINK,
    attack_type="Credential Phishing",
    tactic="Evasion: open redirect",
)
class LinkOpenRedirect(Detector):
    """A link passes a stranger's redirector, so that its beginning shows a host of good name.

    Source: CWE-601; targets are read from the link and never fetched.
    Benign twin: redirectors of mail security services and of the sender itself.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per redirector; low where the redirector is a search engine's or social network's own."""
        own = organizational_domain(message.author.domain)
        trusted = bundled("rewriters.txt")
        seen: set[str] = set()
        for _, url in web_links(message):
            for hop in url.hops:
                domain = organizational_domain(hop)
                strange = domain not in (own, url.domain) and domain not in trusted and hop not in trusted
                if strange and url.domain != own and domain not in seen:
                    seen.add(domain)
                    severity = Severity.LOW if len(url.hops) == 1 else Severity.MEDIUM
                    yield self.finding(f"{hop} sends the reader on to {url.host}", severity=severity)
