"""Bundled lists: one entry a line, `#` begins a comment."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from pathlib import Path

DATA = resources.files("seg_ml.signatures") / "data"


def entries(text: str) -> frozenset[str]:
    """The entries of a list, in lower case."""
    lines = (line.partition("#")[0].strip().lower() for line in text.splitlines())
    return frozenset(line for line in lines if line)


@lru_cache(maxsize=32)
def bundled(name: str) -> frozenset[str]:
    """A list of `seg_ml/signatures/data` by its file name."""
    return entries((DATA / name).read_text(encoding="utf-8"))


def from_file(path: Path) -> frozenset[str]:
    """A list of one's own.

    Raises:
        OSError: the file cannot be read.
    """
    return entries(path.read_text(encoding="utf-8"))
