"""Signature `failed-authentication`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import AuthenticationResults, ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature


@signature(
    "failed-authentication",
    version=1,
    attack="T1672",
    severity=Severity.HIGH,
    surface=Surface.IDENTITY,
    attack_type="Spoofing",
    tactic="Sender spoofing",
)
class FailedAuthentication(Detector):
    """SPF, DKIM or DMARC was evaluated and failed. Silent on what was not evaluated, and on `none`.

    Source: RFC 9989 §5 (DMARC), RFC 7208 §2.6 (SPF), RFC 6376 §3.9 (DKIM); ATT&CK T1672.
    Benign twin: forwarded mail, whose SPF fails while an aligned DKIM signature, or a sealed ARC chain
    (RFC 8617), still speaks for it.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """At most one finding: DMARC's where it failed, else that of the method that did."""
        results = request.authentication
        author = message.author.domain or "an absent From"
        if results.dmarc == "fail":
            yield self._dmarc(results, author)
        elif results.dmarc != "pass":
            yield from self._without_dmarc(results, author)

    def _dmarc(self, results: AuthenticationResults, author: str) -> Finding:
        policy = results.dmarc_policy or "none"
        severity = Severity.HIGH if policy in ("reject", "quarantine") else Severity.LOW
        if results.arc == "pass":
            severity = min(severity, Severity.MEDIUM)
        return self.finding(f"DMARC failed for {author}, whose policy is {policy}", severity=severity)

    def _without_dmarc(self, results: AuthenticationResults, author: str) -> Iterable[Finding]:
        if results.dkim == "pass":
            return
        if results.spf in ("fail", "softfail"):
            domain = results.spf_domain or author
            severity = Severity.MEDIUM if results.spf == "fail" else Severity.LOW
            yield self.finding(f"SPF says {results.spf} for {domain}", severity=severity)
        elif results.dkim == "fail":
            yield self.finding(f"a DKIM signature of the mail from {author} does not verify", severity=Severity.LOW)
