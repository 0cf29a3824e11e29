"""Signature `html-attachment`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message, Part
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.archives import files_of
from seg_ml.signatures.catalogue import Detector, signature

_EXTENSIONS = (".html", ".htm", ".shtml", ".xhtml", ".xht", ".mht", ".mhtml", ".svg")
_TYPES = frozenset({"text/html", "application/xhtml+xml", "image/svg+xml"})
_MAX_CONTENT = 2 << 20

_PASSWORD = (b'type="password"', b"type='password'", b"type=password")
_REBUILD = (b"atob(", b"fromcharcode", b"unescape(", b"decodeuricomponent(", b"uint8array")
_CARRIED = (
    b"data:application/octet-stream",
    b"data:application/x-msdownload",
    b"data:application/zip",
    b"data:application/x-zip",
    b"data:application/hta",
    b"data:application/vnd.ms-",
)
_DELIVER = (
    b"createobjecturl",
    b"mssaveoropenblob",
    b".download=",
    b"document.write(",
    b"new blob(",
    b"location.replace(",
)


@signature(
    "html-attachment",
    version=5,
    attack="T1027.006",
    severity=Severity.HIGH,
    surface=Surface.ATTACHMENT,
    attack_type="Credential Phishing",
    tactic="HTML smuggling",
)
class HtmlAttachment(Detector):
    """An attached HTML or SVG file asks for data or runs a script in the reader's browser.

    Source: ATT&CK T1027.006 (HTML smuggling), T1566.001; an SVG opens in a browser and runs its scripts.
    Pages inside archives, disk images and attached mail are read too.
    Benign twin: an attached page or drawing without form and script, and the HTML body of a message, also of an
    attached one.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per file: the gravest thing that it does."""
        for part in files_of(message, self.settings.archives):
            if part.is_attachment and _is_page(part):
                # UTF-16 pages read the same once their zero bytes are gone.
                found = _judge(part.content[:_MAX_CONTENT].replace(b"\0", b"").lower())
                if found is not None:
                    severity, act = found
                    yield self.finding(f"the attached {part.filename or part.content_type} {act}", severity=severity)


def _is_page(part: Part) -> bool:
    return part.content_type in _TYPES or (part.filename or "").lower().endswith(_EXTENSIONS)


def _judge(page: bytes) -> tuple[Severity, str] | None:
    scripted = b"<script" in page or b"javascript:" in page
    if any(mark in page for mark in _PASSWORD):
        return Severity.HIGH, "asks for a password"
    if scripted and any(mark in page for mark in _REBUILD) and any(mark in page for mark in _DELIVER):
        return Severity.HIGH, "rebuilds a hidden file or page with a script"
    if any(mark in page for mark in _CARRIED):
        return Severity.HIGH, "carries a file in a link"
    if scripted or (b"<svg" in page and b"onload=" in page):
        return Severity.MEDIUM, "runs a script"
    if b"<form" in page:
        return Severity.MEDIUM, "holds a form"
    if b'http-equiv="refresh"' in page or b"http-equiv=refresh" in page:
        return Severity.MEDIUM, "sends the reader on to another page"
    return None
