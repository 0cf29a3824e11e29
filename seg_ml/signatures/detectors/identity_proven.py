"""Signature `identity-proven`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.brands import Brand, brand_table
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.domains import organizational_domain
from seg_ml.signatures.identity import is_author_proven
from seg_ml.signatures.urls import web_links


@signature(
    "identity-proven",
    version=1,
    attack="",
    severity=Severity.INFO,
    surface=Surface.IDENTITY,
    attack_type="None",
    tactic="Identity proven and consistent",
)
class IdentityProven(Detector):
    """The sender is authenticated, and replies and links stay with the same organization.

    It speaks for a message, and is what tells a real shipping notice from an imitation.
    Source: RFC 9989 §4.4 (alignment).
    Benign twin: none is needed; silent wherever anything is unproven or leads elsewhere.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding, or none: nothing is half proven."""
        if not is_author_proven(request, message):
            return
        own = organizational_domain(message.author.domain)
        owner = brand_table(self.settings).owner(own)
        domains = {organizational_domain(mailbox.domain) for mailbox in message.reply_to if mailbox.domain}
        domains |= {url.domain for _, url in web_links(message)}
        if all(_belongs(domain, own, owner) for domain in domains):
            name = f", which is {owner.name}," if owner is not None else ""
            yield self.finding(
                f"{own}{name} is authenticated, and {len(domains)} domains of links and replies are its own"
            )


def _belongs(domain: str, own: str, owner: Brand | None) -> bool:
    return domain == own or (owner is not None and domain in owner.domains)
