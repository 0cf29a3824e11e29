"""Signature `attachment-type-mismatch`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message, Part
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.filetypes import extensions, magic

# What a name or a declared type promises, and what the first bytes may then say.
_PROMISES = {
    "pdf": {"pdf"},
    "png": {"png"},
    "jpg": {"jpeg"},
    "jpeg": {"jpeg"},
    "gif": {"gif"},
    "doc": {"ole", "rtf", "zip"},
    "xls": {"ole", "zip"},
    "ppt": {"ole", "zip"},
    "docx": {"zip", "ole"},
    "xlsx": {"zip", "ole"},
    "pptx": {"zip", "ole"},
    "zip": {"zip"},
    "rtf": {"rtf"},
}
_PICTURES = {"png", "jpeg", "gif", "bmp", "riff", "tiff"}


@signature(
    "attachment-type-mismatch",
    version=1,
    attack="T1036.008",
    severity=Severity.MEDIUM,
    surface=Surface.ATTACHMENT,
    attack_type="Malware/Ransomware",
    tactic="Masquerading",
)
class AttachmentTypeMismatch(Detector):
    """The first bytes of an attachment are of another type than its name promises.

    Source: ATT&CK T1036.008.
    Benign twin: a picture saved under another picture's ending, and an old document in the new format's name.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per attachment; executables are `executable-attachment`'s."""
        for part in message.attachments:
            found = _mismatch(part)
            if found:
                yield self.finding(f"{part.filename}: the content is {found[1]}, the name says .{found[0]}")


def _mismatch(part: Part) -> tuple[str, str] | None:
    last = next(reversed(extensions(part.filename or "")), "")
    allowed = _PROMISES.get(last)
    kind = magic(part.content)
    if allowed is None or not kind or kind in allowed or kind in ("pe", "elf", "macho", "lnk", "chm"):
        return None
    if kind in _PICTURES and allowed & _PICTURES:
        return None
    return last, kind
