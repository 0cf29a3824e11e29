"""Signature `advance-fee-fraud`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.intents import intent, quoted, words_of

_SEVERITY = {3: Severity.MEDIUM, 4: Severity.HIGH, 5: Severity.HIGH}


@signature(
    "advance-fee-fraud",
    version=1,
    attack="T1657",
    severity=Severity.HIGH,
    surface=Surface.BODY,
    attack_type="Advance Fee Fraud",
    tactic="Social engineering",
)
class AdvanceFeeFraud(Detector):
    """The text offers a stranger a fortune: its source, the sum, the approach, secrecy, what is to be done.

    Source: ATT&CK T1657; the letters that 419scam archives and SpamAssassin's ADVANCE_FEE rules describe.
    Benign twin: business mail about transfers and confidential terms, which tells only part of the story.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """At most one finding; graver the more of the five parts of the story are told."""
        found = intent(self.id).match(words_of(f"{message.subject}\n{message.text}"))
        if len(found) >= 3:
            yield self.finding(quoted(found, each=1), severity=_SEVERITY[len(found)])
