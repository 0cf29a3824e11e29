"""Signature `hidden-characters`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.tags import split_words, untagged

_MIN_SPLIT = 3


@signature(
    "hidden-characters",
    version=3,
    attack="T1027",
    severity=Severity.HIGH,
    surface=Surface.BODY,
    attack_type="Credential Phishing",
    tactic="Evasion: invisible characters",
)
class HiddenCharacters(Detector):
    """Invisible characters split words, so that filters do not read them, or spell a text that nobody sees.

    Source: Unicode TS #39 §5.1 and the Tags block; runs of variation selectors that number octets ("ASCII
    smuggling"); the ZWSP evasions of phishing kits.
    Benign twin: zero-width joiners of Indic and Arabic text and of emoji, padding after a preheader, flags.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding for a text that is spelled, one for split words in subject or name, one for those in the text."""
        smuggled = untagged(message.subject + message.text)
        if smuggled:
            yield self.finding(f"invisible characters spell {smuggled[:120]!r}")
        shown = f"{message.subject} {message.author.display_name}"
        if split_words(shown):
            yield self.finding(f"invisible characters split words of {shown[:120]!r}", severity=Severity.MEDIUM)
        count = split_words(message.text)
        if count >= _MIN_SPLIT:
            yield self.finding(f"invisible characters split {count} words of the text", severity=Severity.MEDIUM)
