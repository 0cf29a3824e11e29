"""Signature `link-script-scheme`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature

_SCRIPTS = ("javascript:", "vbscript:", "livescript:", "mhtml:", "jar:")
_FILES = (
    "file:",
    "\\\\",
    "smb:",
    "search-ms:",
    "search:",
    "ms-officecmd:",
    "ms-msdt:",
    "ms-word:",
    "ms-excel:",
    "webdav:",
)
_PAGES = (
    "data:text/html",
    "data:application/octet-stream",
    "data:application/zip",
    "data:application/xhtml",
    "data:image/svg",
    "data:text/javascript",
    "data:application/javascript",
)
_BLANK = str.maketrans("", "", "\t\r\n\0 ")


@signature(
    "link-script-scheme",
    version=2,
    attack="T1566.002",
    severity=Severity.HIGH,
    surface=Surface.LINK,
    attack_type="Credential Phishing",
    tactic="Evasion: URL scheme",
)
class LinkScriptScheme(Detector):
    """A link runs a script, opens a page that it carries itself, or opens a file share.

    Source: RFC 2397 (data), WHATWG URL §4.4 (browsers drop tabs and line breaks), ATT&CK T1187 (forced authentication).
    Benign twin: pictures as `data:image/png`, and `javascript:void(0)` without effect.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per distinct link that is followed by a click; pictures only where they open a share."""
        for target in dict.fromkeys(link.target for link in message.links if link.kind != "image"):
            scheme = target[:200].translate(_BLANK).lower()
            if scheme.startswith(_PAGES):
                yield self.finding(f"the link carries a page or file in itself: {target[:60]}")
            elif scheme.startswith(_SCRIPTS) and not _is_idle(scheme):
                yield self.finding(f"the link runs a script: {target[:60]}", severity=Severity.LOW)
            elif scheme.startswith(_FILES):
                yield self.finding(f"the link opens a file or share: {target[:60]}", severity=Severity.MEDIUM)


def _is_idle(scheme: str) -> bool:
    return scheme.partition(":")[2].rstrip(";") in ("", "void(0)", "void()", "//", "returnfalse")
