"""Signature `payment-change`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.intents import intent, quoted, words_of

_MAX_WORDS = 250
"""Such letters are short: the impostor wants an answer first."""


@signature(
    "payment-change",
    version=1,
    attack="T1656",
    severity=Severity.MEDIUM,
    surface=Surface.BODY,
    attack_type="BEC/Fraud",
    tactic="Social engineering: payment",
)
class PaymentChange(Detector):
    """A short text asks for new bank details, a transfer or gift cards, in the manner of an impostor.

    Source: FBI IC3 on business e-mail compromise (payroll diversion, supplier swindle, gift cards); ATT&CK T1656.
    Benign twin: an invoice or a receipt that mentions a bank transfer and nothing else.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """At most one finding, where the request and its manner come together."""
        words = words_of(f"{message.subject}\n{message.text}")
        if len(words) > _MAX_WORDS:
            return
        found = intent(self.id).match(words)
        if len(found) == 2:
            yield self.finding(quoted(found))
