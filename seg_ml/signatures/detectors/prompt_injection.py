"""Signature `prompt-injection`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.intents import intent, quoted, words_of
from seg_ml.signatures.tags import untagged


@signature(
    "prompt-injection",
    version=2,
    attack="T1059",
    severity=Severity.HIGH,
    surface=Surface.BODY,
    attack_type="Prompt Injection",
    tactic="Instructions to an assistant",
)
class PromptInjection(Detector):
    """The mail carries instructions to a language model, in sight, hidden, or in invisible characters.

    Source: OWASP LLM01:2025; ASCII smuggling with Unicode tags (U+E0000 block) and selectors.
    Benign twin: mail that discusses such attacks without an instruction, seen by everyone.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding for what is hidden (high), one for what is shown (medium: people quote such phrases)."""
        phrases = intent(self.id)
        hidden = phrases.match(words_of(f"{message.hidden_text}\n{untagged(message.subject + message.text)}"))
        if hidden:
            yield self.finding(f"hidden from the reader: {quoted(hidden)}")
        shown = phrases.match(words_of(f"{message.subject}\n{message.text}"))
        if shown:
            yield self.finding(f"in the text: {quoted(shown)}", severity=Severity.MEDIUM)
