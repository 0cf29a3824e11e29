"""Signature `malformed-from`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature


@signature(
    "malformed-from",
    version=1,
    attack="T1656",
    severity=Severity.MEDIUM,
    surface=Surface.HEADER,
    attack_type="Credential Phishing",
    tactic="Evasion: malformed sender",
)
class MalformedFrom(Detector):
    """From names no address, or several senders of whom one has none: readers see a name, filters another mailbox.

    Source: RFC 5322 §3.6.2 (several authors need a Sender), RFC 9989 §5.4.1 on several From domains.
    Benign twin: one mailbox, also with a quoted comma in its name; two authors with a Sender.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """At most one finding."""
        mailboxes = message.header_from
        value = (message.header("From") or "")[:120]
        addressed = [mailbox for mailbox in mailboxes if mailbox.domain]
        if not addressed:
            yield self.finding(f"From holds no address: {value!r}" if value else "there is no From")
        elif len(addressed) < len(mailboxes):
            yield self.finding(f"From holds a name without an address beside {addressed[0].addr_spec}: {value!r}")
        elif len(mailboxes) > 1 and not message.sender:
            yield self.finding(f"From names {len(mailboxes)} authors, and no Sender: {value!r}", severity=Severity.LOW)
