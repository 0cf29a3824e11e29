"""Signature `hidden-text`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature

_MIN_HIDDEN = 300
"""Characters: a preheader, the line that an inbox shows under the subject, is shorter."""

_FILLER = re.compile("[\\s\u00ad\u034f\u061c\u115f\u180e\u200b-\u200f\u2007\u2060\u2800\ufeff]+")


@signature(
    "hidden-text",
    version=1,
    attack="T1027",
    severity=Severity.MEDIUM,
    surface=Surface.BODY,
    attack_type="Spam",
    tactic="Evasion: hidden text",
)
class HiddenText(Detector):
    """The HTML carries text that no reader sees: salt for filters, or words that fill up a picture.

    Source: ATT&CK T1027; SpamAssassin's LOW_CONTRAST and FONT_INVIS rules.
    Benign twin: a preheader, also one padded with zero-width characters.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """At most one finding; milder where the hidden text is a small share of what is shown."""
        if len(message.hidden_text) < _MIN_HIDDEN:
            return
        hidden = _FILLER.sub(" ", message.hidden_text).strip()
        if len(hidden) < _MIN_HIDDEN:
            return
        shown = len(_FILLER.sub(" ", message.text).strip())
        yield self.finding(
            f"{len(hidden)} characters are hidden beside {shown} shown, beginning {hidden[:80]!r}",
            severity=Severity.MEDIUM if len(hidden) > shown // 2 else Severity.LOW,
        )
