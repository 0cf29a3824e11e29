"""Signature `archive-unread`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.archives import contents_of, files_of
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.filetypes import UNREAD, magic


@signature(
    "archive-unread",
    version=4,
    attack="T1027.015",
    severity=Severity.MEDIUM,
    surface=Surface.ATTACHMENT,
    attack_type="Malware/Ransomware",
    tactic="Evasion: archive",
)
class ArchiveUnread(Detector):
    """An archive could not be looked into: a format without a reader here, or a damaged one.

    Nothing that was not read passes as clean. Source: ATT&CK T1027.015 (compression).
    Benign twin: archives that are read to their end.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per archive; low for damage and for a TNEF, which Outlook sends, of which no file came."""
        contents = contents_of(message, self.settings.archives)
        opened = {carrier.path for carrier, _ in contents.embedded}
        for part in files_of(message, self.settings.archives):
            kind = magic(part.content)
            if kind in UNREAD and part.path not in opened:
                severity = Severity.LOW if kind == "tnef" else Severity.MEDIUM
                yield self.finding(f"{part.filename or part.path} is {kind}, which is not opened", severity=severity)
        for archive in contents.archives:
            if archive.unread:
                yield self.finding(f"{archive.part.filename or archive.part.path} is {archive.unread}")
            elif archive.damage:
                evidence = f"{archive.part.filename or archive.part.path} is damaged: {archive.damage}"
                yield self.finding(evidence, severity=Severity.LOW)
