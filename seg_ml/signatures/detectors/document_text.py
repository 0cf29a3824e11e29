"""Signature `document-text`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import CATALOGUE, Detector, signature
from seg_ml.signatures.document_text import text_of_documents
from seg_ml.signatures.domains import is_free_mail
from seg_ml.signatures.settings import DEFAULT_SETTINGS, SignatureSettings

_INTENTS = ("credential-request", "extortion", "payment-change", "advance-fee-fraud", "callback-phishing")
_OF_BILLS = frozenset({"callback-phishing", "payment-change"})


@signature(
    "document-text",
    version=1,
    attack="T1566.001",
    severity=Severity.MEDIUM,
    surface=Surface.ATTACHMENT,
    attack_type="Callback Phishing",
    tactic="Evasion: document as content",
)
class DocumentText(Detector):
    """An attached document says what no filter of texts would pass: a bill with a number to call, a threat, a lure.

    Source: ATT&CK T1566.001, T1566.004; the call-centre letters that come as a PDF with an empty mail. Held against
    the same phrases as text.
    Benign twin: an invoice or minutes as a PDF; a bill that names a telephone number and comes from a firm's own
    domain is low.
    """

    def __init__(self, settings: SignatureSettings = DEFAULT_SETTINGS) -> None:
        super().__init__(settings)
        self._intents = tuple(cls(settings) for cls in CATALOGUE.resolve(_INTENTS))

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per document and intent, with the phrases."""
        from_a_firm = not is_free_mail(message.author.domain)
        for part, text in text_of_documents(message, self.settings.archives) if message.attachments else ():
            said = replace(message, text=text, subject="", parts=(), links=())
            for detector in self._intents:
                for finding in detector.inspect(request, said):
                    ordinary = from_a_firm and finding.signature in _OF_BILLS
                    severity = Severity.LOW if ordinary else min(finding.severity, self.severity)
                    evidence = f"{finding.signature} in {part.filename or 'a document'}: {finding.evidence}"
                    yield self.finding(evidence, severity=severity)
