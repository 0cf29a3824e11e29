"""The digest of everything that decides the corpus's bytes: templates, pins of packages, and the code beside them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent
_SUFFIXES = frozenset({".py", ".yaml", ".txt", ".json", ".html"})


def digest() -> str:
    """sha256 over names and contents of the package's files. Line ends do not count, so that checkouts agree."""
    total = hashlib.sha256()
    for path in sorted(_files()):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        total.update(path.relative_to(_FOLDER).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(content).digest())
    return total.hexdigest()


def _files() -> Iterator[Path]:
    return (path for path in _FOLDER.rglob("*") if path.is_file() and path.suffix in _SUFFIXES)
