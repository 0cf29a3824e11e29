"""Signature `vip-impersonation`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Mailbox, Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.domains import fold, organizational_domain
from seg_ml.signatures.intents import words_of
from seg_ml.signatures.settings import Person


@signature(
    "vip-impersonation",
    version=1,
    attack="T1656",
    severity=Severity.HIGH,
    surface=Surface.IDENTITY,
    attack_type="BEC/Fraud",
    tactic="Impersonation: VIP",
)
class VipImpersonation(Detector):
    """The sender bears the name of one of the organization's people and writes from elsewhere.

    Source: ATT&CK T1656; FBI IC3 on business e-mail compromise.
    Benign twin: the person from a listed address, or from any mailbox of the organization's domains.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per person whose name From or Reply-To bears."""
        own = {organizational_domain(domain) for domain in self.settings.organization.domains}
        for person in self.settings.organization.people:
            for mailbox in (message.author, *message.reply_to[:5]):
                if _bears(mailbox, person) and organizational_domain(mailbox.domain) not in own:
                    yield self.finding(f"the name of {person.name}, written from {mailbox.addr_spec or 'no address'}")
                    break


def _bears(mailbox: Mailbox, person: Person) -> bool:
    name = set(words_of(fold(person.name)))
    # "Doe, Jane", "Jane M. Doe" and "Jane Doe (CEO)" all hold the words of "Jane Doe".
    shown = len(name) >= 2 and name <= set(words_of(mailbox.display_name[:200]))
    return shown and mailbox.addr_spec not in person.addresses
