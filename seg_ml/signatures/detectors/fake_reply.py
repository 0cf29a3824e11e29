"""Signature `fake-reply`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature

_PREFIX = re.compile(r"\s*(?:re|aw|antw|sv|vs|rv|res|r|fw|fwd|wg|tr|enc|i)\s?(?:\[\d+\])?:", re.IGNORECASE)
_TRACES = ("In-Reply-To", "References", "Thread-Index", "Thread-Topic")


@signature(
    "fake-reply",
    version=1,
    attack="T1566",
    severity=Severity.LOW,
    surface=Surface.HEADER,
    attack_type="BEC/Fraud",
    tactic="Fake thread",
)
class FakeReply(Detector):
    """The subject says reply or forward, and no header refers to an earlier message.

    Source: RFC 5322 §3.6.4 (replies carry In-Reply-To and References).
    Benign twin: replies of every common client; some old ones and forwarders leave the traces out, hence low.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """At most one finding."""
        found = _PREFIX.match(message.subject[:100])
        if found and not any(message.header(name) for name in _TRACES):
            yield self.finding(
                f"the subject begins with {found.group().strip()!r}, and no header names an earlier message"
            )
