"""Signature `archive-executable`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.archives import archives_of
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.filetypes import CARVED, DISKS, EXECUTABLES, extensions, magic
from seg_ml.signatures.lists import bundled
from seg_ml.signatures.unpack.archive import Archive

_FEW = 3


@signature(
    "archive-executable",
    version=3,
    attack="T1204.002",
    severity=Severity.CRITICAL,
    surface=Surface.ATTACHMENT,
    attack_type="Malware/Ransomware",
    tactic="Evasion: archive",
)
class ArchiveExecutable(Detector):
    """An archive holds a file that runs when it is opened.

    Source: ATT&CK T1204.002, T1560; names are read even where the content is encrypted. Of VHD and VHDX images
    (T1553.005) programs, shortcuts and scripts are carved.
    Benign twin: archives of documents, and source trees with a script among many files.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per archive: its gravest file."""
        for archive in archives_of(message, self.settings.archives):
            found = _judge(archive)
            if found is not None:
                severity, reason = found
                yield self.finding(f"{archive.part.filename or 'an archive'} holds {reason}", severity=severity)


def _judge(archive: Archive) -> tuple[Severity, str] | None:
    if magic(archive.part.content) in CARVED:
        return (Severity.HIGH, archive.names[0]) if archive.names else None
    kinds = {member.filename or "": magic(member.content) for member in archive.members}
    for name in archive.names:
        chain = extensions(name.rpartition("/")[2])
        if len(chain) > 1 and _runs(chain[-1]) and chain[-2] in bundled("document_extensions.txt"):
            return Severity.CRITICAL, f"{name}, a .{chain[-1]} that poses as a .{chain[-2]}"
        if kinds.get(name) in EXECUTABLES and chain and not _runs(chain[-1]) and _is_document(chain[-1]):
            return Severity.CRITICAL, f"{name}, which is an executable"
    for name in archive.names:
        chain = extensions(name.rpartition("/")[2])
        if kinds.get(name, "") in EXECUTABLES | DISKS or (chain and _runs(chain[-1])):
            # A package of many files may well hold a program; a lone one is a lure.
            few = len(archive.names) <= _FEW and not (chain and _is_text(chain[-1]))
            return (Severity.HIGH if few else Severity.LOW), f"{name}, which runs when opened"
    return None


def _runs(extension: str) -> bool:
    return extension in bundled("executable_extensions.txt")


def _is_document(extension: str) -> bool:
    return extension in bundled("document_extensions.txt")


def _is_text(extension: str) -> bool:
    return extension in bundled("executables_mailed_as_text.txt") and extension != "js"
