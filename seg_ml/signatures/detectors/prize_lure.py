"""Signature `prize-lure`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.intents import intent, quoted, words_of


@signature(
    "prize-lure",
    version=1,
    attack="T1598",
    severity=Severity.MEDIUM,
    surface=Surface.BODY,
    attack_type="Spam",
    tactic="Social engineering: prize",
)
class PrizeLure(Detector):
    """The text says that its reader was chosen for a prize or voucher, and what to do to claim it.

    Source: the survey and voucher mailings of affiliate spam, in six languages.
    Benign twin: a shop's newsletter about a voucher that everybody gets, or a sports result.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """At most one finding: chosen and claim, with a prize or haste; medium where all four are there."""
        found = intent(self.id).match(words_of(f"{message.subject}\n{message.text}"[:8000]))
        if len(found) >= 3 and "chosen" in found and "claim" in found:
            yield self.finding(quoted(found, each=1), severity=Severity.MEDIUM if len(found) == 4 else Severity.LOW)
