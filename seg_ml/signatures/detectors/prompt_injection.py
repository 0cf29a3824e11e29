"""Signature `prompt-injection`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.intents import intent, quoted, words_of
from seg_ml.signatures.tags import untagged

_PLACES = 3
"""Places that the evidence names."""


@signature(
    "prompt-injection",
    version=3,
    attack="T1059",
    severity=Severity.HIGH,
    surface=Surface.BODY,
    attack_type="Prompt Injection",
    tactic="Instructions to an assistant",
)
class PromptInjection(Detector):
    """The mail carries instructions to a language model, in sight, hidden, or in invisible characters.

    Hidden are elements without a look, comments, and attributes that describe an element to those who do not see it.
    Source: OWASP LLM01:2025 (indirect injection); ASCII smuggling with Unicode tags (U+E0000 block) and selectors.
    Benign twin: mail that discusses such attacks without an instruction, seen by everyone; comments for Outlook,
    marks of templates, texts of pictures.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding for what is hidden (high), one for what is shown (medium: people quote such phrases)."""
        phrases = intent(self.id)
        pieces = _hidden(message)
        # One look for all of them, which hardly ever finds anything; where it stands is asked only then.
        if phrases.match(words_of("\n".join(text for _, text in pieces))):
            found = ((place, phrases.match(words_of(text))) for place, text in pieces)
            told = [f"in {place}: {quoted(match)}" for place, match in found if match]
            if told:
                yield self.finding(f"hidden from the reader {'; '.join(told[:_PLACES])}")
        shown = phrases.match(words_of(f"{message.subject}\n{message.text}"))
        if shown:
            yield self.finding(f"in the text: {quoted(shown)}", severity=Severity.MEDIUM)


def _hidden(message: Message) -> list[tuple[str, str]]:
    """(place, text) of what no reader sees, short pieces before long ones: what is looked at has an end."""
    pieces = [
        ("characters that no font draws", untagged(message.subject + message.text)),
        *dict.fromkeys((aside.place, aside.text) for aside in message.asides),
        ("an element that is not shown", message.hidden_text),
    ]
    return [(place, text) for place, text in pieces if text]
