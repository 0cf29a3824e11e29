"""Signature `encrypted-archive`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message, Part
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.archives import archives_of
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.filetypes import magic

_RAR4_HEADERS_ENCRYPTED = 0x80


@signature(
    "encrypted-archive",
    version=2,
    attack="T1027.013",
    severity=Severity.HIGH,
    surface=Surface.ATTACHMENT,
    attack_type="Malware/Ransomware",
    tactic="Evasion: encryption",
)
class EncryptedArchive(Detector):
    """An archive is encrypted, so that nothing on the way can look into it; worse where the mail tells the password.

    Source: ATT&CK T1027.013; PKWARE APPNOTE §4.4.4 (bit 0), RAR 5 technical note (header type 4).
    Benign twin: archives without encryption.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per archive."""
        for archive in archives_of(message):
            name = archive.part.filename or "an archive"
            if archive.password is not None:
                yield self.finding(f"{name} opens with the password {archive.password!r} that the text gives")
            elif archive.encrypted:
                yield self.finding(f"{name} is encrypted: {', '.join(archive.encrypted[:3])}", severity=Severity.MEDIUM)
        for part in message.attachments:
            if _is_closed_rar(part):
                yield self.finding(f"{part.filename or 'a RAR archive'} hides even its names", severity=Severity.MEDIUM)


def _is_closed_rar(part: Part) -> bool:
    if magic(part.content) != "rar":
        return False
    if part.content[6:8] == b"\x01\x00":
        return part.content[12:13] == b"\x04"  # RAR 5: the first header is an encryption header
    flags = int.from_bytes(part.content[10:12], "little")
    return bool(flags & _RAR4_HEADERS_ENCRYPTED)
