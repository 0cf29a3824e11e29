"""Signature `known-similar`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.archives import files_of
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.settings import DEFAULT_SETTINGS, SignatureSettings
from seg_ml.signatures.similar_files import nearest, read_list
from seg_ml.signatures.tlsh import tlsh

MAX_FILES = 20
MIN_SIZE = 512
"""Small files are near each other by chance."""


@signature(
    "known-similar",
    version=1,
    attack="T1204.002",
    severity=Severity.HIGH,
    surface=Surface.ATTACHMENT,
    attack_type="Malware/Ransomware",
    tactic="Known file",
)
class KnownSimilar(Detector):
    """A file is a version of one on a list of known bad ones: its TLSH digest is near.

    Source: lists of TLSH digests (`seg-ml intel digest`), as malware exchanges publish them; silent without a list.
    Benign twin: files of the same kind and size that share no content.
    """

    def __init__(self, settings: SignatureSettings = DEFAULT_SETTINGS) -> None:
        super().__init__(settings)
        self._known = tuple(file for path in settings.similar_lists for file in read_list(path))

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per file."""
        files = files_of(message, self.settings.archives)[:MAX_FILES] if self._known else ()
        for part in files:
            digest = tlsh(part.content) if len(part.content) >= MIN_SIZE else None
            found = nearest(digest, self._known, self.settings.similar_distance) if digest is not None else None
            if found is not None:
                yield self.finding(f"{part.filename or part.path} is near {found[1].name} (TLSH distance {found[0]})")
