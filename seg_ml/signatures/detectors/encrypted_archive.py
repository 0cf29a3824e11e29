"""Signature `encrypted-archive`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.archives import archives_of
from seg_ml.signatures.catalogue import Detector, signature


@signature(
    "encrypted-archive",
    version=4,
    attack="T1027.013",
    severity=Severity.HIGH,
    surface=Surface.ATTACHMENT,
    attack_type="Malware/Ransomware",
    tactic="Evasion: encryption",
)
class EncryptedArchive(Detector):
    """An archive is encrypted, so that nothing on the way can look into it; worse where the mail tells the password.

    Source: ATT&CK T1027.013; PKWARE APPNOTE §4.4.4 (bit 0), WinZip AE-2, RAR 5 technical note (header type 4), 7zAES.
    Benign twin: archives without encryption.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per archive."""
        for archive in archives_of(message, self.settings.archives):
            name = archive.part.filename or "an archive"
            if archive.password is not None:
                yield self.finding(f"{name} opens with the password {archive.password!r} that the text gives")
            elif archive.encrypted:
                yield self.finding(f"{name} is encrypted: {', '.join(archive.encrypted[:3])}", severity=Severity.MEDIUM)
