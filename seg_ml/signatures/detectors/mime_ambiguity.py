"""Signature `mime-ambiguity`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature

_MEDIUM = frozenset(
    {"parts-after-end", "boundary-never-seen", "base64-after-padding", "no-boundary", "unknown-transfer-encoding"}
)
_GRAVE_TWICE = frozenset({"from", "subject", "content-type", "sender", "reply-to"})
_LOW = frozenset(
    {"base64-truncated", "no-closing-boundary", "not-a-header-field", "uuencode-broken", "uuencode-no-end",
     "encoded-word", "depth-limit", "parts-limit", "header-block-limit", "header-fields-limit", "html-limit"}
)  # fmt: skip


@signature(
    "mime-ambiguity",
    version=2,
    attack="T1027",
    severity=Severity.MEDIUM,
    surface=Surface.STRUCTURE,
    attack_type="Malware/Ransomware",
    tactic="Evasion: MIME",
)
class MimeAmbiguity(Detector):
    """Two readers of this message would see different things: the parser had to choose.

    Source: RFC 2045-2049, RFC 5322 §3.6 (fields that stand once); MIME confusion between scanners and clients;
    messages in pieces (RFC 2046 §5.2.2), of which each passes alone.
    Benign twin: well-formed multipart mail, and a missing charset, which changes letters and not structure.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per kind of defect, in the order in which the parser met them."""
        seen: set[tuple[str, str]] = set()
        for defect in message.defects:
            key = (defect.code, defect.detail if defect.code == "duplicate-header" else "")
            severity = _severity(*key)
            if severity is not None and key not in seen:
                seen.add(key)
                yield self.finding(f"{defect.code}: {defect.detail}", severity=severity)
        if any(part.content_type == "message/partial" for part in message.parts):
            yield self.finding("message/partial: a client joins the pieces of a message that nobody saw whole")


def _severity(code: str, detail: str) -> Severity | None:
    if code == "duplicate-header":
        return Severity.MEDIUM if detail in _GRAVE_TWICE else Severity.LOW
    if code in _MEDIUM:
        return Severity.MEDIUM
    return Severity.LOW if code in _LOW else None
