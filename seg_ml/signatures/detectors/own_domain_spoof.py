"""Signature `own-domain-spoof`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.domains import organizational_domain
from seg_ml.signatures.identity import is_author_proven


@signature(
    "own-domain-spoof",
    version=1,
    attack="T1672",
    severity=Severity.HIGH,
    surface=Surface.IDENTITY,
    attack_type="Spoofing",
    tactic="Sender spoofing",
)
class OwnDomainSpoof(Detector):
    """From names the organization's own domain, and nothing proves that the organization sent it.

    Source: RFC 7489 §2.1 and RFC 9989 (a domain's owner says who may use it); ATT&CK T1672.
    Benign twin: a colleague who submitted with SMTP AUTH, and mail whose DKIM or SPF is aligned.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """At most one finding; silent where authentication was not evaluated."""
        own = {organizational_domain(domain) for domain in self.settings.organization.domains}
        if not request.authentication.evaluated or request.envelope.authenticated_as is not None:
            return
        for mailbox in message.header_from[:10]:
            if organizational_domain(mailbox.domain) in own and not is_author_proven(request, message):
                results = request.authentication
                methods = f"SPF {results.spf}, DKIM {results.dkim}, DMARC {results.dmarc}"
                yield self.finding(f"{mailbox.addr_spec} is ours, and unproven ({methods})")
                return
