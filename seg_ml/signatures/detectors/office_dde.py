"""Signature `office-dde`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.archives import files_of
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.ooxml import QUIET_DDE_SERVICES, xml_members

_INSTRUCTION = re.compile(rb"<w:instrText[^<>]{0,200}>([^<>]{0,2000})|w:instr\s{0,3}=\s{0,3}\"([^\"<>]{0,2000})")
_DDE = re.compile(rb"\bDDE(?:AUTO)?\b", re.IGNORECASE)
_DDE_LINK = re.compile(rb"<ddeLink\b[^<>]{0,500}ddeService\s{0,3}=\s{0,3}\"([^\"<>]{1,100})")


@signature(
    "office-dde",
    version=2,
    attack="T1559.002",
    severity=Severity.HIGH,
    surface=Surface.ATTACHMENT,
    attack_type="Malware/Ransomware",
    tactic="DDE",
)
class OfficeDde(Detector):
    """An Office document holds a DDE field or link, which starts a program when the document is opened.

    Source: ATT&CK T1559.002; ECMA-376 part 1 §17.16.5 (fields), §18.14.7 (ddeLink).
    Benign twin: documents with other fields, such as page numbers and tables of contents.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per file."""
        for part in files_of(message, self.settings.archives):
            found = next((hit for name, data in xml_members(part.content) if (hit := _dde(name, data))), None)
            if found:
                yield self.finding(f"{part.filename or 'a document'} holds the field {found}")


def _dde(name: str, data: bytes) -> str:
    if name.startswith("word/") and b"w:instr" in data:
        # Word joins the runs of a field, and attackers split the word over several.
        joined = b"".join(first or second for first, second in _INSTRUCTION.findall(data))
        if _DDE.search(joined):
            return joined[:100].decode("utf-8", "replace").strip()
    link = _DDE_LINK.search(data) if name.startswith("xl/externalLinks/") else None
    service = link.group(1).decode("utf-8", "replace") if link else ""
    return service if service.lower() not in QUIET_DDE_SERVICES else ""
