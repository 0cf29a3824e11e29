"""Signature `reply-to-mismatch`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.domains import is_free_mail, organizational_domain
from seg_ml.signatures.identity import list_domain, proven_domains


@signature(
    "reply-to-mismatch",
    version=1,
    attack="T1566",
    severity=Severity.MEDIUM,
    surface=Surface.IDENTITY,
    attack_type="BEC/Fraud",
    tactic="Reply-To divergence",
)
class ReplyToMismatch(Detector):
    """Reply-To leads to another organization than From.

    Source: RFC 5322 §3.6.2; organizational domain as in RFC 9989.
    Benign twin: mailing lists. Silent only where the domain of List-Id is authenticated; a bare List-Id
    is written by whoever wrote the mail.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per Reply-To mailbox of another organization."""
        author = message.author
        own = organizational_domain(author.domain)
        for mailbox in message.reply_to if own else ():
            domain = organizational_domain(mailbox.domain)
            if not domain or domain == own or _is_proven_list(request, message, domain):
                continue
            yield self.finding(
                f"From {author.addr_spec}, but replies go to {mailbox.addr_spec}",
                severity=Severity.MEDIUM if is_free_mail(mailbox.domain) else Severity.LOW,
            )


def _is_proven_list(request: ScoreRequest, message: Message, domain: str) -> bool:
    return domain == list_domain(message) and domain in proven_domains(request.authentication)
