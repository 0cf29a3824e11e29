"""Signature `homoglyph-text`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.domains import fold

_WORDS = re.compile(r"[^\W\d_]{3,40}", re.UNICODE)
_MIN_WORDS = 3
_MAX_TEXT = 100_000


@signature(
    "homoglyph-text",
    version=2,
    attack="T1027",
    severity=Severity.HIGH,
    surface=Surface.BODY,
    attack_type="Credential Phishing",
    tactic="Evasion: homoglyphs",
)
class HomoglyphText(Detector):
    """Words mix Latin letters with their Cyrillic, Greek or other twins.

    Source: Unicode TS #39 §5.1 (mixed-script detection).
    Benign twin: text in two scripts whose words each keep to one.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding; graver where the subject or the sender's name is written so."""
        shown = _mixed(f"{message.subject} {message.author.display_name}")
        words = shown + _mixed(message.text[:_MAX_TEXT])
        if shown or len(words) >= _MIN_WORDS:
            listed = ", ".join(f"{word} ({fold(word)})" for word in words[:4])
            yield self.finding(
                f"words in mixed scripts: {listed}", severity=Severity.HIGH if shown else Severity.MEDIUM
            )


def _mixed(text: str) -> list[str]:
    if text.isascii():
        return []
    return [word for word in dict.fromkeys(_WORDS.findall(text)) if not word.isascii() and _is_mixed(word)]


def _is_mixed(word: str) -> bool:
    """At least two Latin letters, and a letter of Greek, Cyrillic, Armenian or Cherokee that folds to Latin."""
    latin = sum(c.isascii() for c in word)
    foreign = [c for c in word if "\u0370" <= c <= "\u058f" or "\u13a0" <= c <= "\u13ff"]
    return latin >= 2 and bool(foreign) and all(fold(c).isascii() for c in foreign)
