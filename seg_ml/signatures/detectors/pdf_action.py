"""Signature `pdf-action`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.archives import files_of, passwords_of
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.filetypes import magic
from seg_ml.signatures.pdf import PdfFacts, pdf_facts


@signature(
    "pdf-action",
    version=2,
    attack="T1204.002",
    severity=Severity.HIGH,
    surface=Surface.ATTACHMENT,
    attack_type="Malware/Ransomware",
    tactic="PDF",
)
class PdfAction(Detector):
    """A PDF starts a program, runs a script when it opens, sends a form, or carries files.

    Source: ISO 32000-1 §12.6.4 (actions), §7.11.4 (embedded files); names with #xx escapes are read.
    Benign twin: a PDF with pages, links and fonts.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per file: the gravest thing that it does."""
        for part in files_of(message, self.settings.archives):
            found = _judge(pdf_facts(part.content, passwords_of(message))) if magic(part.content) == "pdf" else None
            if found is not None:
                yield self.finding(f"{part.filename or 'a PDF'} {found[1]}", severity=found[0])


def _judge(facts: PdfFacts) -> tuple[Severity, str] | None:
    names = facts.names
    scripted = "JavaScript" in names or "JS" in names
    if "Launch" in names:
        return Severity.HIGH, "starts a program"
    if scripted and ("OpenAction" in names or "AA" in names):
        return Severity.MEDIUM, "runs a script when it is opened"
    if "SubmitForm" in names or "ImportData" in names:
        return Severity.LOW, "sends what is typed into it to a server"
    if "EmbeddedFile" in names or "RichMedia" in names:
        return Severity.LOW, "carries other files"
    if facts.locked:
        return Severity.LOW, "is encrypted, and no password of the text opens it"
    return (Severity.LOW, "holds a script") if scripted else None
