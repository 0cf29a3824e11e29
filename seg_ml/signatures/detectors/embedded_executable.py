"""Signature `embedded-executable`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message, Part
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.archives import contents_of
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.filetypes import DISKS, EXECUTABLES, SCRIPT_LABELS, extensions, magic, magika_label
from seg_ml.signatures.lists import bundled

_MAX_ASKED = 3


@signature(
    "embedded-executable",
    version=2,
    attack="T1204.002",
    severity=Severity.HIGH,
    surface=Surface.ATTACHMENT,
    attack_type="Malware/Ransomware",
    tactic="Embedded file",
)
class EmbeddedExecutable(Detector):
    """A document carries a file that runs: in a OneNote page, a PDF, an Office package or a winmail.dat.

    Source: ATT&CK T1204.002, T1027.009; MS-ONESTORE §2.6.13, ISO 32000-1 §7.11.4, MS-OLEDS §2.3.6.
    Benign twin: documents that carry tables, pictures and other documents.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per document: the first file that runs."""
        seen: set[str] = set()
        asked = 0
        for carrier, file in contents_of(message, self.settings.archives).embedded:
            if carrier.path in seen:
                continue
            kind = _kind(file)
            if not kind and magic(carrier.content) == "one" and asked < _MAX_ASKED and not magic(file.content):
                asked += 1  # a OneNote object has no name that would tell
                label = magika_label(file.content)
                kind = label if label in SCRIPT_LABELS else ""
            if kind:
                seen.add(carrier.path)
                yield self.finding(f"{carrier.filename or 'a document'} carries {file.filename}, which runs ({kind})")


def _kind(file: Part) -> str:
    kind = magic(file.content)
    if kind in EXECUTABLES | DISKS:
        return kind
    chain = extensions((file.filename or "").rpartition("/")[2])
    # Office names its own objects *.bin.
    runs = bool(chain) and chain[-1] != "bin" and chain[-1] in bundled("executable_extensions.txt")
    return chain[-1] if runs else ""
