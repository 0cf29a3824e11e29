"""Signature `image-text`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import CATALOGUE, Detector, signature
from seg_ml.signatures.picture_text import is_image_only, reader, text_of_pictures
from seg_ml.signatures.settings import DEFAULT_SETTINGS, SignatureSettings

INTENTS = (
    "credential-request",
    "extortion",
    "payment-change",
    "advance-fee-fraud",
    "callback-phishing",
    "prize-lure",
)


@signature(
    "image-text",
    version=1,
    attack="T1027",
    severity=Severity.HIGH,
    surface=Surface.ATTACHMENT,
    attack_type="Credential Phishing",
    tactic="Evasion: image as content",
)
class ImageText(Detector):
    """A picture says what no filter of texts would pass: it asks for credentials, extorts, or lures.

    Source: ATT&CK T1027; read by RapidOCR where the setting `ocr` says so, and held against the same phrases as text.
    Benign twin: pictures of ordinary text, such as scans and screenshots.
    """

    def __init__(self, settings: SignatureSettings = DEFAULT_SETTINGS) -> None:
        super().__init__(settings)
        wanted = settings.ocr != "never"
        self._intents = tuple(cls(settings) for cls in CATALOGUE.resolve(INTENTS)) if wanted else ()
        if wanted:
            reader()  # a missing package is said at the start, not with the first picture

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per intent, with the phrases that were recognised."""
        if not self._intents or (self.settings.ocr == "image-only" and not is_image_only(message)):
            return
        text = text_of_pictures(message, self.settings.archives)
        said = replace(message, text=text, subject="", parts=(), links=())
        for detector in self._intents if text else ():
            for finding in detector.inspect(request, said):
                severity = min(finding.severity, self.severity)
                yield self.finding(f"{finding.signature} in a picture: {finding.evidence}", severity=severity)
