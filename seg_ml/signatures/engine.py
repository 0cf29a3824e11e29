"""Runs signatures over a message in a fixed order. The only place that handles a detector's failure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from time import perf_counter

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import CATALOGUE, Detector
from seg_ml.signatures.defaults import DEFAULT_IDS
from seg_ml.signatures.settings import DEFAULT_SETTINGS, SignatureSettings

ERROR_ID = "signature-error"
"""Id of the finding that stands for a detector that failed: never hidden, never decisive."""

MAX_FINDINGS = 5
"""Findings kept per signature: a mail with a thousand links must not fill the trace."""

MAX_EVIDENCE = 300
"""Characters of evidence kept per finding."""

Observer = Callable[[str, float], None]


class SignatureEngine:
    """Detectors in order. Same message, same findings, in the same order."""

    def __init__(self, detectors: Iterable[Detector]) -> None:
        self.detectors = tuple(detectors)

    @classmethod
    def from_ids(
        cls, ids: Sequence[str] | None = None, settings: SignatureSettings = DEFAULT_SETTINGS
    ) -> SignatureEngine:
        """The detectors of these ids in this order; `None` takes `DEFAULT_IDS`.

        Raises:
            ConfigError: an id is unknown or stands twice, or a list named in the settings is unusable.
        """
        classes = CATALOGUE.resolve(DEFAULT_IDS if ids is None else ids)
        return cls(detector(settings) for detector in classes)

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids in the order in which they run."""
        return tuple(detector.id for detector in self.detectors)

    @property
    def finding_ids(self) -> tuple[str, ...]:
        """Every id that a finding of this engine can bear: its signatures, then `signature-error`."""
        return (*self.ids, ERROR_ID)

    @property
    def versions(self) -> dict[str, int]:
        """Version per id, for a model's manifest."""
        return {detector.id: detector.version for detector in self.detectors}

    def inspect(self, request: ScoreRequest, message: Message, observer: Observer | None = None) -> tuple[Finding, ...]:
        """Findings of all detectors. Never raises on content.

        `observer` is told each signature's id and its seconds, for profiles.
        """
        findings: list[Finding] = []
        for detector in self.detectors:
            started = perf_counter()
            findings.extend(_run(detector, request, message))
            if observer is not None:
                observer(detector.id, perf_counter() - started)
        return tuple(findings)


def _run(detector: Detector, request: ScoreRequest, message: Message) -> list[Finding]:
    # What a detector saw before it failed still counts: it is appended one by one.
    findings: list[Finding] = []
    try:
        for finding in islice(detector.inspect(request, message), MAX_FINDINGS):
            findings.append(presentable(finding))
    except Exception as error:  # third-party parsers raise anything on hostile bytes; the finding says so
        findings.append(_failure(detector, error))
    return findings


def _failure(detector: Detector, error: Exception) -> Finding:
    evidence = f"{detector.id} failed with {type(error).__name__}: {error}"
    return presentable(Finding(ERROR_ID, Severity.LOW, evidence, Surface.STRUCTURE))


def presentable(finding: Finding) -> Finding:
    """The finding with evidence that is fit for logs and consoles."""
    evidence = printable(finding.evidence)
    if evidence == finding.evidence:
        return finding
    return Finding(finding.signature, finding.severity, evidence, finding.surface)


def printable(text: str) -> str:
    """Text on one line for logs and consoles: controls, line breaks and bidi marks escaped, then cut.

    Evidence quotes what an attacker wrote; unescaped it could forge log lines or reverse the reading order.
    """
    cut = text[:MAX_EVIDENCE]
    if not cut.isprintable():
        cut = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in cut)
    return cut if len(text) <= MAX_EVIDENCE and len(cut) <= MAX_EVIDENCE else cut[: MAX_EVIDENCE - 1] + "…"
