"""Signature `known-hash`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.errors import ConfigError
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.archives import files_of
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.lists import bundled, from_file
from seg_ml.signatures.settings import DEFAULT_SETTINGS, SignatureSettings

_DIGITS = frozenset("0123456789abcdef")


@signature(
    "known-hash",
    version=3,
    attack="T1204.002",
    severity=Severity.CRITICAL,
    surface=Surface.ATTACHMENT,
    attack_type="Malware/Ransomware",
    tactic="Known file",
)
class KnownHash(Detector):
    """A part is, byte for byte, a file on a list of known bad ones.

    Source: SHA-256 lists, one digest a line; bundled is only the EICAR test file's (eicar.org).
    Benign twin: any other file, were it one byte away.
    """

    def __init__(self, settings: SignatureSettings = DEFAULT_SETTINGS) -> None:
        super().__init__(settings)
        self._digests = bundled("known_hashes.txt").union(*(_read(path) for path in settings.hash_lists))

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per listed part, attachment, or file inside an archive."""
        for part in (*(p for p in message.parts if not p.is_attachment), *files_of(message, self.settings.archives)):
            digest = hashlib.sha256(part.content).hexdigest()
            if part.content and digest in self._digests:
                yield self.finding(f"{part.filename or 'part ' + part.path} is listed: SHA-256 {digest}")


def _read(path: Path) -> frozenset[str]:
    try:
        digests = from_file(path)
    except OSError as error:
        raise ConfigError(f"hash list {path}: {error}") from error
    for digest in digests:
        if len(digest) != 64 or not _DIGITS.issuperset(digest):
            raise ConfigError(f"hash list {path}: {digest[:80]!r} is no SHA-256 in hexadecimal")
    return digests
