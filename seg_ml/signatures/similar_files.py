"""Lists of TLSH digests of known bad files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from seg_ml.domain.errors import ConfigError
from seg_ml.signatures.tlsh import Digest, distance, read_digest


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A digest and the name that its list gives it."""

    digest: Digest
    name: str


def read_list(path: Path) -> tuple[KnownFile, ...]:
    """A list: a digest a line, then a name; `#` begins a comment.

    Raises:
        ConfigError: it cannot be read, or a line holds no digest.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"list of similar files {path}: {error}") from error
    known = []
    for number, line in enumerate(lines, 1):
        text, _, name = line.strip().partition(" ")
        if not text or text.startswith("#"):
            continue
        digest = read_digest(text)
        if digest is None:
            raise ConfigError(f"list of similar files {path}, line {number}: {text[:80]!r} is no TLSH digest")
        known.append(KnownFile(digest, name.strip() or text))
    return tuple(known)


def nearest(digest: Digest, known: Iterable[KnownFile], bound: int) -> tuple[int, KnownFile] | None:
    """The nearest known file within `bound`, with its distance."""
    near = ((distance(digest, file.digest, bound), file) for file in known)
    return min((found for found in near if found[0] <= bound), key=lambda found: found[0], default=None)
