"""The digest of all that decides the corpus's bytes: templates, pins of packages, the code beside them, the brands."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path

from seg_ml.signatures.lists import DATA as SIGNATURE_DATA

_FOLDER = Path(__file__).resolve().parent
_BORROWED = ("brands.csv", "free_mail.txt")  # whom letters speak for, and where mailboxes are
_SUFFIXES = frozenset({".py", ".yaml", ".txt", ".json", ".html", ".eml"})


def digest() -> str:
    """sha256 over names and contents of the files. Line ends do not count, so that checkouts agree."""
    total = hashlib.sha256()
    for name, path in sorted(_files()):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        total.update(name.encode() + b"\0")
        total.update(hashlib.sha256(content).digest())
    return total.hexdigest()


def _files() -> Iterator[tuple[str, Traversable]]:
    for path in _FOLDER.rglob("*"):
        if path.is_file() and path.suffix in _SUFFIXES:
            yield path.relative_to(_FOLDER).as_posix(), path
    for name in _BORROWED:
        yield f"signatures/{name}", SIGNATURE_DATA / name
