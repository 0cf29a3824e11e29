"""Signature `body-form`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature


@signature(
    "body-form",
    version=1,
    attack="T1598",
    severity=Severity.MEDIUM,
    surface=Surface.BODY,
    attack_type="Credential Phishing",
    tactic="Credential form",
)
class BodyForm(Detector):
    """The message's own HTML holds a form, a script or a redirect; worse where it asks for a password.

    Source: ATT&CK T1598; clients disable these, so honest senders link to a page instead.
    Benign twin: HTML without any, whatever its styles.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """At most one finding."""
        html = message.html
        if html.password_inputs:
            yield self.finding(f"the body asks for a password ({html.forms} forms)")
        elif html.meta_refresh:
            yield self.finding("the body sends the reader on to another page by itself")
        elif html.forms:
            yield self.finding(f"the body holds {html.forms} forms", severity=Severity.LOW)
        elif html.scripts or html.event_handlers:
            yield self.finding(
                f"the body holds {html.scripts} scripts and {html.event_handlers} event handlers", severity=Severity.LOW
            )
