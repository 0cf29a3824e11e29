"""Signature `calendar-invite`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message, Part
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.domains import organizational_domain
from seg_ml.signatures.lookalikes import find_lookalike
from seg_ml.signatures.urls import unwrap

_ORGANIZER = re.compile(r"^ORGANIZER[^:\r\n]{0,300}:mailto:([^\s<>]{3,254})", re.IGNORECASE | re.MULTILINE)
_URL = re.compile(r"https?://[^\s<>\"\\]{4,1000}", re.IGNORECASE)
_MAX_TEXT = 100_000
_MAX_URLS = 50


@signature(
    "calendar-invite",
    version=1,
    attack="T1566",
    severity=Severity.MEDIUM,
    surface=Surface.ATTACHMENT,
    attack_type="Credential Phishing",
    tactic="Calendar invite",
)
class CalendarInvite(Detector):
    """An invitation, which clients enter unasked, comes from a stranger to its organizer or links to an imitation.

    Source: RFC 5545 §3.8.4.3 (ORGANIZER), RFC 6047.
    Benign twin: an invitation whose organizer is of the sender's organization.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per calendar part and reason."""
        own = organizational_domain(message.author.domain)
        for part in message.parts:
            if part.content_type != "text/calendar" and not (part.filename or "").lower().endswith(".ics"):
                continue
            text = _unfolded(part)
            organizer = _ORGANIZER.search(text)
            if organizer and organizational_domain(organizer.group(1).rpartition("@")[2].lower()) != own:
                yield self.finding(
                    f"organized by {organizer.group(1)}, sent by {message.author.addr_spec}", severity=Severity.LOW
                )
            yield from self._imitations(text)

    def _imitations(self, text: str) -> Iterable[Finding]:
        for target in [match.group() for match in _URL.finditer(text)][:_MAX_URLS]:
            url = unwrap(target)
            found = find_lookalike(self.settings, url.host) if url is not None and url.is_web else None
            if found is not None:
                yield self.finding(f"the invitation links to {found.host}, which imitates {found.brand.name}")


def _unfolded(part: Part) -> str:
    text = part.text if part.text is not None else part.content[:_MAX_TEXT].decode("utf-8", "replace")
    return text[:_MAX_TEXT].replace("\r\n ", "").replace("\n ", "").replace("\n\t", "")
