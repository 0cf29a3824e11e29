"""Signature `executable-attachment`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message, Part
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.filetypes import DISKS, EXECUTABLES, SCRIPT_LABELS, disk_kind, extensions, magic, magika_label
from seg_ml.signatures.lists import bundled

_REVERSERS = ("\u202e", "\u202d", "\u2066", "\u2067")


@signature(
    "executable-attachment",
    version=2,
    attack="T1204.002",
    severity=Severity.CRITICAL,
    surface=Surface.ATTACHMENT,
    attack_type="Malware/Ransomware",
    tactic="Masquerading",
)
class ExecutableAttachment(Detector):
    """An attachment runs when it is opened, by its name, or by its content against its name.

    Source: ATT&CK T1204.002, T1036.007 (double extension), T1036.002 (right-to-left override); magika.
    Benign twin: documents, and names with several dots (`report.v1.2.pdf`).
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per attachment: the gravest reason."""
        for part in message.attachments:
            found = _judge(part)
            if found is not None:
                severity, reason = found
                yield self.finding(f"{part.filename or 'a part without a name'}: {reason}", severity=severity)


def _judge(part: Part) -> tuple[Severity, str] | None:
    name = part.filename or ""
    chain = extensions(name)
    last = chain[-1] if chain else ""
    kind = magic(part.content)
    runs = last in bundled("executable_extensions.txt")
    if any(mark in name for mark in _REVERSERS):
        return Severity.HIGH, "the name hides its end behind a direction mark"
    if runs and len(chain) > 1 and chain[-2] in bundled("document_extensions.txt"):
        return Severity.CRITICAL, f"a .{last} that poses as a .{chain[-2]}"
    if kind in EXECUTABLES and not runs:
        return Severity.CRITICAL, f"the content is an executable ({kind}), the name does not say so"
    if runs:
        return _by_extension(last, kind)
    disk = disk_kind(part.content) if kind == "pdf" else kind if kind in DISKS else ""
    if disk:
        return Severity.HIGH, f"a disk image ({disk}), which strips the mark of the web"
    return _by_magika(part, last, kind)


def _by_extension(last: str, kind: str) -> tuple[Severity, str]:
    mild = last in bundled("executables_mailed_as_text.txt") and kind not in EXECUTABLES | DISKS
    return (Severity.LOW if mild else Severity.HIGH), f"files of type .{last} run when opened"


def _by_magika(part: Part, last: str, kind: str) -> tuple[Severity, str] | None:
    if kind or last not in bundled("marked_extensions.txt") or not part.content:
        return None
    label = magika_label(part.content)
    if label in EXECUTABLES or label in SCRIPT_LABELS:
        return Severity.HIGH, f"the content is {label}, the name says .{last}"
    return None
