"""Signature `archive-bomb`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.archives import archives_of
from seg_ml.signatures.catalogue import Detector, signature


@signature(
    "archive-bomb",
    version=3,
    attack="T1499",
    severity=Severity.HIGH,
    surface=Surface.ATTACHMENT,
    attack_type="Malware/Ransomware",
    tactic="Evasion: archive",
)
class ArchiveBomb(Detector):
    """An archive unpacks to far more than it is, or nests deeper than anybody packs by hand.

    Source: CWE-409; limits stand in `seg_ml.signatures.unpack.limits`, and nothing is unpacked beyond them.
    Benign twin: an archive of text, and an archive within an archive.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per archive."""
        for archive in archives_of(message, self.settings.archives):
            if archive.excess:
                yield self.finding(f"{archive.part.filename or 'an archive'}: {archive.excess}")
