"""Signature `archive-executable`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message, Part
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.archives import archives_of
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.filetypes import CARVED, DISKS, EXECUTABLES, disk_kind, extensions, magic
from seg_ml.signatures.lists import bundled
from seg_ml.signatures.unpack.archive import Archive
from seg_ml.signatures.unpack.disks import RUNNING

_FEW = 3
_CARVED = tuple(f"{what} at sector " for what in RUNNING)


@signature(
    "archive-executable",
    version=5,
    attack="T1204.002",
    severity=Severity.CRITICAL,
    surface=Surface.ATTACHMENT,
    attack_type="Malware/Ransomware",
    tactic="Evasion: archive",
)
class ArchiveExecutable(Detector):
    """An archive, a disk image, an attached mail or an encoded text holds a file that runs when it is opened.

    Source: ATT&CK T1204.002, T1560; names are read even where the content is encrypted or packed. Of disk images
    (T1553.005) programs, shortcuts and scripts are carved, and small files of NTFS read by name. Mail under another
    type, mailboxes, and files that stand uuencoded, in BinHex or in yEnc in a text are opened as clients open them.
    Benign twin: archives of documents, source trees with a script among many files, forwarded mail, a patch in
    uuencode.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per archive: its gravest file."""
        for archive in archives_of(message, self.settings.archives):
            found = _judge(archive)
            if found is not None:
                severity, reason = found
                yield self.finding(f"{_named(archive.part)} holds {reason}", severity=severity)


def _named(part: Part) -> str:
    return part.filename or ("an archive" if part.is_attachment else "the text")


def _judge(archive: Archive) -> tuple[Severity, str] | None:
    kind = disk_kind(archive.part.content)
    kinds = {member.filename or "": magic(member.content) for member in archive.members}
    for name in archive.names:
        chain = extensions(name.rpartition("/")[2])
        if len(chain) > 1 and _runs(chain[-1]) and chain[-2] in bundled("document_extensions.txt"):
            return Severity.CRITICAL, f"{name}, a .{chain[-1]} that poses as a .{chain[-2]}"
        if kinds.get(name) in EXECUTABLES and chain and not _runs(chain[-1]) and _is_document(chain[-1]):
            return Severity.CRITICAL, f"{name}, which is an executable"
    running = next((name for name in archive.names if name.startswith(_CARVED)), "") if kind else ""
    if running:
        return Severity.HIGH, running
    for name in archive.names:
        chain = extensions(name.rpartition("/")[2])
        if kinds.get(name, "") in EXECUTABLES | DISKS or (chain and _runs(chain[-1])):
            # A package of many files may well hold a program; a lone one is a lure.
            few = (len(archive.names) <= _FEW or kind in CARVED) and not (chain and _is_text(chain[-1]))
            return (Severity.HIGH if few else Severity.LOW), f"{name}, which runs when opened"
    return None


def _runs(extension: str) -> bool:
    return extension in bundled("executable_extensions.txt")


def _is_document(extension: str) -> bool:
    return extension in bundled("document_extensions.txt")


def _is_text(extension: str) -> bool:
    return extension in bundled("executables_mailed_as_text.txt") and extension != "js"
