"""Signature `thread-hijack`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.correspondence import Correspondence
from seg_ml.signatures.identity import recipient_domains, shown_sender
from seg_ml.signatures.settings import DEFAULT_SETTINGS, SignatureSettings
from seg_ml.signatures.wording import marks_of, quoted_text, references

_REPLY = re.compile(r"\s*(?:re|aw|antw|sv|vs|rv|res|r)\s?(?:\[\d+\])?:", re.IGNORECASE)
MIN_MARKS = 4
"""Samples of quoted text that have to be there before their being unknown says anything."""


@signature(
    "thread-hijack",
    version=1,
    attack="T1566",
    severity=Severity.HIGH,
    surface=Surface.HEADER,
    attack_type="BEC/Fraud",
    tactic="Fake thread",
)
class ThreadHijack(Detector):
    """A reply that was not part of the conversation it claims, or joins it from a look-alike of one who was.

    Source: the correspondence that the gateway remembers; silent without it, and while it is young.
    Benign twin: replies to what was sent, known senders whose threads are older than the memory, quoted text that
    was seen, and new participants of another name.
    """

    def __init__(self, settings: SignatureSettings = DEFAULT_SETTINGS) -> None:
        super().__init__(settings)
        path = settings.correspondence_store
        self._store = Correspondence(path, settings.learning_days) if path is not None else None

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """At most one finding: high for a look-alike in a known thread, medium for invented quotations, else low."""
        sender, named = shown_sender(message), references(message)
        if self._store is None or not sender.domain or not named or request.envelope.authenticated_as is not None:
            return
        for domain in recipient_domains(request):
            if not self._store.settled(domain):
                continue
            participants = self._store.participants(domain, named)
            if participants:
                if self._store.imitates(domain, sender.domain, participants):
                    yield self.finding(f"{sender.domain} looks like a participant of the thread, and is none")
                    return
            elif _REPLY.match(message.subject[:100]) and self._store.contact(domain, sender.addr_spec) is None:
                yield from self._unknown(self._store, domain, message)
                return

    def _unknown(self, store: Correspondence, domain: str, message: Message) -> Iterable[Finding]:
        """A reply by a stranger to messages that nobody here wrote or got."""
        marks = marks_of(quoted_text(message))
        if len(marks) < MIN_MARKS:
            yield self.finding("a stranger's reply to a message that was never here", severity=Severity.LOW)
        elif not store.knows_wording(domain, marks):
            evidence = "a stranger's reply to a message that was never here, with a quotation that nobody here had"
            yield self.finding(evidence, severity=Severity.MEDIUM)
