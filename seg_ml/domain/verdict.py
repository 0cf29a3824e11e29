"""What is said about a message: findings of detectors, the model's verdict, the policy's decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class Label(StrEnum):
    """The classes a model may tell apart. A class without data is absent from an artifact."""

    HAM = "ham"
    BULK = "bulk"
    SPAM = "spam"
    PHISHING = "phishing"
    FRAUD = "fraud"
    MALWARE = "malware"


WANTED = frozenset({Label.HAM, Label.BULK})
"""Labels of mail that its recipient should get."""


class Severity(IntEnum):
    """How much a finding says by itself; ordered."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


class Surface(StrEnum):
    """Where in a message a finding lies."""

    HEADER = "header"
    IDENTITY = "identity"
    BODY = "body"
    LINK = "link"
    ATTACHMENT = "attachment"
    STRUCTURE = "structure"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a detector saw. `evidence` is what an analyst would point at, in a sentence."""

    signature: str
    severity: Severity
    evidence: str
    surface: Surface


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a verdict came out as it did.

    `words` are (word, weight) pairs, heaviest first; a positive weight moved the score towards unwanted
    mail. Behind them stand, marked `own: `, those that a correction by own mail goes by. `sentence` says
    the same to a person.
    """

    sentence: str = ""
    words: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the model says about one message.

    `probabilities` are calibrated, one per label of the artifact, and sum to 1. `model_version` is
    `name/version` of the registry, or `signatures` where no model was asked.
    """

    label: Label
    probabilities: Mapping[str, float]
    findings: tuple[Finding, ...] = ()
    explanation: Explanation = field(default_factory=Explanation)
    model_version: str = ""

    @property
    def threat_probability(self) -> float:
        """Probability that the message is unwanted: 1 minus those of `ham` and `bulk`, in [0, 1]."""
        wanted = sum(p for label, p in self.probabilities.items() if label in WANTED)
        return min(1.0, max(0.0, 1.0 - wanted))

    @property
    def severity(self) -> Severity:
        """The highest severity among the findings, `INFO` where there are none."""
        return max((finding.severity for finding in self.findings), default=Severity.INFO)


class Disposition(StrEnum):
    """What becomes of a message."""

    DELIVER = "deliver"
    TAG = "tag"
    QUARANTINE = "quarantine"
    REJECT = "reject"
    DEFER = "defer"


@dataclass(frozen=True, slots=True)
class Decision:
    """What the policy makes of a verdict. `rule` is the row of the table that matched.

    `reply` is the SMTP reply for dispositions that end the transaction (`reject`, `defer`), else empty.
    """

    disposition: Disposition
    rule: str
    reply: str = ""
