"""Signature `image-only`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.urls import web_links

_MAX_TEXT = 120


@signature(
    "image-only",
    version=1,
    attack="T1027",
    severity=Severity.LOW,
    surface=Surface.BODY,
    attack_type="Spam",
    tactic="Evasion: image as content",
)
class ImageOnly(Detector):
    """The message is a picture that is a link, with next to no text to read.

    Source: SpamAssassin's HTML_IMAGE_ONLY rules.
    Benign twin: text with a logo, and a photo sent to friends, which links nowhere.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """At most one finding."""
        pictures = message.html.images + sum(part.content_type.startswith("image/") for part in message.parts)
        shown = len(" ".join(message.text.split()))
        linked = [url for link, url in web_links(message) if link.kind in ("anchor", "area") and not link.text.strip()]
        if pictures and shown <= _MAX_TEXT and linked:
            yield self.finding(
                f"{pictures} pictures, {shown} characters of text; the picture leads to {linked[0].host}"
            )
