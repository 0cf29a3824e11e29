"""Signature `office-template-injection`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.archives import files_of
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.ooxml import xml_members

_RELATIONSHIP = re.compile(rb"<Relationship\b[^<>]{1,4000}>")
_TARGET = re.compile(rb"Target\s{0,3}=\s{0,3}[\"']([^\"'<>]{1,2000})")
_GRAVE = (b"attachedTemplate", b"oleObject", b"frame", b"subDocument", b"externalLinkPath")


@signature(
    "office-template-injection",
    version=2,
    attack="T1221",
    severity=Severity.HIGH,
    surface=Surface.ATTACHMENT,
    attack_type="Malware/Ransomware",
    tactic="Template injection",
)
class OfficeTemplateInjection(Detector):
    """An Office document loads a template, object or frame from elsewhere when it is opened.

    Source: ATT&CK T1221; ECMA-376 part 2 §9.3 (external relationships); CVE-2021-40444, CVE-2022-30190.
    Benign twin: documents with hyperlinks, which are external relationships too.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per file and target."""
        for part in files_of(message, self.settings.archives):
            for name, data in xml_members(part.content):
                if name.endswith(".rels"):
                    for kind, target in _external(data):
                        yield self.finding(f"{part.filename or name} loads {kind} from {target}")


def _external(data: bytes) -> Iterable[tuple[str, str]]:
    for match in _RELATIONSHIP.finditer(data):
        relation = match.group()
        target = _TARGET.search(relation)
        kind = next((kind for kind in _GRAVE if b"/" + kind in relation), None)
        if kind is None or target is None or b"External" not in relation:
            continue
        where = target.group(1).decode("utf-8", "replace")
        # A template on one's own disk is what every letterhead has.
        if "://" in where.removeprefix("file:///") or where.startswith(("\\\\", "mhtml:")):
            yield kind.decode("ascii"), where[:150]
