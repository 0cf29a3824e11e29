"""Signature `encrypted-document`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.archives import files_of, passwords_of
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.office_crypto import STANDARD, locked_office


@signature(
    "encrypted-document",
    version=1,
    attack="T1027.013",
    severity=Severity.HIGH,
    surface=Surface.ATTACHMENT,
    attack_type="Malware/Ransomware",
    tactic="Evasion: encryption",
)
class EncryptedDocument(Detector):
    """An Office document is encrypted; worst where Excel opens it unasked, so that only filters are shut out.

    Source: ATT&CK T1027.013; MS-OFFCRYPTO. What opens is looked into by the other signatures.
    Benign twin: documents that are not encrypted.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per document: high with Excel's own password, medium with the text's, low without."""
        for part in files_of(message, self.settings.archives):
            locked = locked_office(part.content, passwords_of(message))
            if locked is None:
                continue
            name = part.filename or "a document"
            if locked.password == STANDARD:
                yield self.finding(f"{name} is encrypted with the password that Excel tries by itself")
            elif locked.password is not None:
                evidence = f"{name} opens with the password {locked.password!r} that the text gives"
                yield self.finding(evidence, severity=Severity.MEDIUM)
            else:
                yield self.finding(f"{name} is encrypted, and no known password opens it", severity=Severity.LOW)
