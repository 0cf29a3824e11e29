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

_MIN_COMMENTS = 1500
"""Characters of prose in comments; authors of templates leave notes of a line."""

_MARKUP = ("<", "{", "[if", "[endif")
_FILLER = re.compile("[\\s\u00ad\u034f\u061c\u115f\u180e\u200b-\u200f\u2007\u2060\u2800\ufeff]+")


@signature(
    "hidden-text",
    version=2,
    attack="T1027",
    severity=Severity.MEDIUM,
    surface=Surface.BODY,
    attack_type="Spam",
    tactic="Evasion: hidden text",
)
class HiddenText(Detector):
    """The HTML carries text that no reader sees: salt for filters, or words that fill up a picture.

    Prose in comments counts too: it makes a message long for a filter and no longer for a reader.
    Source: ATT&CK T1027; SpamAssassin's LOW_CONTRAST and FONT_INVIS rules.
    Benign twin: a preheader, also one padded with zero-width characters; conditional comments and styles.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding for hidden text, one for comments; milder where they are a small share of what is shown."""
        for text, least, what in (
            (message.hidden_text, _MIN_HIDDEN, "are hidden"),
            (_comments(message), _MIN_COMMENTS, "stand in comments"),
        ):
            hidden = _FILLER.sub(" ", text).strip() if len(text) >= least else ""
            if len(hidden) >= least:
                shown = len(_FILLER.sub(" ", message.text).strip())
                yield self.finding(
                    f"{len(hidden)} characters {what} beside {shown} shown, beginning {hidden[:80]!r}",
                    severity=Severity.MEDIUM if len(hidden) > shown // 2 else Severity.LOW,
                )


def _comments(message: Message) -> str:
    """The prose in comments of the pages shown; what is markup, style or meant for Outlook is none."""
    found: list[str] = []
    for part in message.parts:
        if part.content_type != "text/html" or part.is_attachment or "<!--" not in (part.text or ""):
            continue
        for comment in (part.text or "").split("<!--")[1:]:
            text = comment.partition("-->")[0]
            if not any(mark in text for mark in _MARKUP):
                found.append(text)
    return " ".join(found)
