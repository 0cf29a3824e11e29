"""Signature `yara`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.yara_rules import Hit, yara_rules


@signature(
    "yara",
    version=4,
    attack="T1204.002",
    severity=Severity.CRITICAL,
    surface=Surface.ATTACHMENT,
    attack_type="Malware/Ransomware",
    tactic="Known pattern",
)
class Yara(Detector):
    """A YARA rule matches the raw message or one of its decoded parts.

    Source: YARA-X; a rule's metadata (`severity`, `description`) becomes the finding's.
    Benign twin: mail that talks about the same things without the pattern.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per rule, where it matched first: decoded parts before the raw bytes."""
        seen: set[str] = set()
        for hit in yara_rules(self.settings).scan(message, self.settings.archives):
            if hit.rule not in seen:
                seen.add(hit.rule)
                yield self._finding(hit)

    def _finding(self, hit: Hit) -> Finding:
        surface = {"attachment": Surface.ATTACHMENT, "body": Surface.BODY}.get(hit.surface, Surface.STRUCTURE)
        return self.finding(f"{hit.rule} in {hit.where}: {hit.description}", severity=hit.severity, surface=surface)
