"""Signature `extortion`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.intents import intent, quoted, words_of


@signature(
    "extortion",
    version=1,
    attack="T1657",
    severity=Severity.HIGH,
    surface=Surface.BODY,
    attack_type="Extortion",
    tactic="Social engineering",
)
class Extortion(Detector):
    """The text claims a hold over its reader, threatens, and names a payment that nobody can trace.

    Source: ATT&CK T1657; the "I recorded you" letters seen since 2018.
    Benign twin: mail about bitcoin, or about malware, that demands nothing.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """At most one finding: a payment and two more of hold, threat and deadline."""
        found = intent(self.id).match(words_of(f"{message.subject}\n{message.text}"))
        if len(found) >= 3 and "pay" in found and ("hold" in found or "threat" in found):
            yield self.finding(quoted(found, each=1))
