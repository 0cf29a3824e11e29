"""Signature `first-contact`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.correspondence import Correspondence
from seg_ml.signatures.identity import recipient_domains, shown_sender
from seg_ml.signatures.settings import DEFAULT_SETTINGS, SignatureSettings


@signature(
    "first-contact",
    version=1,
    attack="T1566",
    severity=Severity.LOW,
    surface=Surface.IDENTITY,
    attack_type="BEC/Fraud",
    tactic="Unknown sender",
)
class FirstContact(Detector):
    """Nobody at the recipient's domain had mail from this address before.

    Source: the correspondence that the gateway remembers; silent without it, and while it is young.
    Benign twin: whoever wrote before or was written to, and every first letter, hence low at most.
    """

    def __init__(self, settings: SignatureSettings = DEFAULT_SETTINGS) -> None:
        super().__init__(settings)
        path = settings.correspondence_store
        self._store = Correspondence(path, settings.learning_days) if path is not None else None

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """At most one finding: low where the whole organization is new, else for information."""
        sender = shown_sender(message)
        if self._store is None or not sender.domain or request.envelope.authenticated_as is not None:
            return
        for domain in recipient_domains(request):
            if not self._store.settled(domain) or self._store.contact(domain, sender.addr_spec) is not None:
                continue
            if self._store.organization(domain, sender.domain) is None:
                yield self.finding(f"nobody at {domain} had mail from {sender.domain} before")
            else:
                evidence = f"{domain} had mail from {sender.domain} before, and none from {sender.addr_spec}"
                yield self.finding(evidence, severity=Severity.INFO)
            return
