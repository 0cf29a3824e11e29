"""Signature `unfilled-template`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature

_HOLE = re.compile(
    r"\{\{\s{0,3}[\w.\s]{2,30}\}\}|\[\[\w{2,30}\]\]|%%\w{2,30}%%|##?[A-Za-z_]{3,30}##?(?![\w])|\[[A-Z][A-Z0-9_]{3,30}\]|"
    r"\{%[^%{}\n]{1,60}%\}|%[A-Z][A-Z_]{3,30}%|<%=[^%<>\n]{1,60}%>|\$\{\w{2,30}\}"
)
_IN_LINK = re.compile(r"\s*(?:##?[A-Za-z_]{3,30}##?|\{\{[\w.\s]{2,30}\}\}|\[\w{3,30}\]|%%\w{2,30}%%)\s*")
_MAX_TEXT = 20_000


@signature(
    "unfilled-template",
    version=1,
    attack="T1566",
    severity=Severity.MEDIUM,
    surface=Surface.BODY,
    attack_type="Spam",
    tactic="Mass mailing",
)
class UnfilledTemplate(Detector):
    """A place-holder of a mass mailer stands where a name or a link should be.

    Source: the macros of bulk mailers that were left open.
    Benign twin: mail about programs, in which such marks are part of the matter.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """At most one finding: medium for a link or the subject, low for the text."""
        for link in message.links[:200]:
            if _IN_LINK.fullmatch(link.target[:100]):
                yield self.finding(f"a link leads to {link.target[:60]!r}")
                return
        shown = _HOLE.search(f"{message.subject} {message.author.display_name}"[:500])
        if shown and not _is_tag(message.subject, shown.group()):
            yield self.finding(f"{shown.group()!r} stands in the subject or the sender's name")
            return
        found = _HOLE.search(message.text[:_MAX_TEXT]) if message.html.elements else None
        if found and found.group().startswith(("{{", "%%", "[[", "{%")):
            yield self.finding(f"{found.group()!r} stands in the text", severity=Severity.LOW)


def _is_tag(subject: str, mark: str) -> bool:
    """Whether a mark is a list's or a tracker's tag: `[ILUG]`, `[BUG-12]`, `#tag`."""
    return mark.startswith(("[", "#")) and not mark.startswith(("[[", "##")) and not mark.endswith("#")
