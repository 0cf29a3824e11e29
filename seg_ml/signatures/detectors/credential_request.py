"""Signature `credential-request`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.intents import intent, quoted, words_of


@signature(
    "credential-request",
    version=1,
    attack="T1598",
    severity=Severity.MEDIUM,
    surface=Surface.BODY,
    attack_type="Credential Phishing",
    tactic="Social engineering: urgency",
)
class CredentialRequest(Detector):
    """The text says that an account is in trouble, presses for time and asks to confirm it.

    Source: ATT&CK T1598.003; phrases in seven languages.
    Benign twin: notices of a service to its members that neither press nor threaten.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """At most one finding, where an act is asked for and two or three of account, trouble, pressure stand by."""
        found = intent(self.id).match(words_of(f"{message.subject}\n{message.text}"))
        if len(found) >= 3 and "act" in found:
            yield self.finding(quoted(found, each=1), severity=Severity.MEDIUM if len(found) == 4 else Severity.LOW)
