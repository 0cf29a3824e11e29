"""Signature `free-mail-executive`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.domains import is_free_mail
from seg_ml.signatures.intents import intent, words_of

_TAIL_WORDS = 40
_MAX_WORDS = 200


@signature(
    "free-mail-executive",
    version=1,
    attack="T1656",
    severity=Severity.MEDIUM,
    surface=Surface.IDENTITY,
    attack_type="BEC/Fraud",
    tactic="Free email provider",
)
class FreeMailExecutive(Detector):
    """Somebody who signs as an officer of a firm writes from a free mailbox.

    Source: FBI IC3 on business e-mail compromise; ATT&CK T1585.002.
    Benign twin: the same title from a firm's own domain, and private mail without one.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """At most one finding; low where the title stands only at the end of a short text."""
        author = message.author
        if not is_free_mail(author.domain):
            return
        titles = intent(self.id)
        shown = titles.match(words_of(author.display_name[:200]))
        if shown:
            yield self.finding(f"{author.display_name!r} writes from {author.addr_spec}")
            return
        words = words_of(message.text)
        signed = titles.match(words[-_TAIL_WORDS:]) if len(words) <= _MAX_WORDS else {}
        if signed:
            yield self.finding(f"signed as {signed['title'][0]!r}, sent from {author.addr_spec}", severity=Severity.LOW)
