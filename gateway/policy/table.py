"""The policy as data: rows of conditions, tried from top to bottom, first match wins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from seg_ml.domain.envelope import AuthenticationResults
from seg_ml.domain.verdict import Disposition, Finding, Label, Severity, Verdict


class Direction(StrEnum):
    """Which way a recipient's copy travels."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


@dataclass(frozen=True, slots=True)
class Case:
    """What a row is held against: one message on its way to one recipient.

    `verdict` is `None` where the model gave none; `findings` are then those of the signatures alone.
    `plain` is true for a message without links and attachments. `unscannable` names why a message
    could not be looked at in full, and is empty where it could.
    """

    direction: Direction
    verdict: Verdict | None
    findings: tuple[Finding, ...] = ()
    authentication: AuthenticationResults = field(default_factory=AuthenticationResults)
    plain: bool = False
    unscannable: str = ""

    @property
    def severity(self) -> Severity:
        """The highest severity among the findings."""
        return max((finding.severity for finding in self.findings), default=Severity.INFO)

    @property
    def authenticated(self) -> bool:
        """The author's domain is proven: DMARC passes; where it publishes none, SPF or DKIM do.

        True where authentication is switched off, since a row that asks for it would never match.
        """
        results = self.authentication
        if not results.evaluated:
            return True
        if results.dmarc in (None, "none"):
            return "pass" in (results.spf, results.dkim)
        return results.dmarc == "pass"


@dataclass(frozen=True, slots=True)
class Undecided:
    """The probabilities, from `low` up to but not including `high`, at which the model settles nothing."""

    low: float
    high: float

    def holds(self, probability: float) -> bool:
        """Whether a probability lies in the band."""
        return self.low <= probability < self.high


@dataclass(frozen=True, slots=True)
class When:
    """Conditions of a row; all that are given must hold, none given always holds."""

    threat_probability: float | None = None
    undecided: Undecided | None = None
    labels: frozenset[Label] = frozenset()
    findings: frozenset[str] = frozenset()
    min_severity: Severity | None = None
    max_severity: Severity | None = None
    unscored: bool | None = None
    unscannable: bool | None = None
    plain: bool | None = None
    authenticated: bool | None = None
    authentication: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def holds(self, case: Case) -> bool:
        """Whether the case meets every condition."""
        return (
            self._verdict_holds(case.verdict)
            and (not self.findings or any(f.signature in self.findings for f in case.findings))
            and (self.min_severity is None or case.severity >= self.min_severity)
            and (self.max_severity is None or case.severity <= self.max_severity)
            and self.unscored in (None, case.verdict is None)
            and self.unscannable in (None, bool(case.unscannable))
            and self.plain in (None, case.plain)
            and self.authenticated in (None, case.authenticated)
            and all(getattr(case.authentication, m) in values for m, values in self.authentication.items())
        )

    def _verdict_holds(self, verdict: Verdict | None) -> bool:
        if self.threat_probability is None and self.undecided is None and not self.labels:
            return True
        if verdict is None:
            return False
        likely = self.threat_probability is None or verdict.threat_probability >= self.threat_probability
        between = self.undecided is None or self.undecided.holds(verdict.threat_probability)
        return likely and between and (not self.labels or verdict.label in self.labels)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `reply` is the SMTP reply of `reject` and `defer`."""

    id: str
    when: When
    then: Disposition
    reply: str = ""
