"""Messages that were written whole, headers and all, each by itself: what no template says twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "data" / "by-hand"


def by_hand(folder: Path = FOLDER) -> Iterator[tuple[str, str, bytes]]:
    """Kind, name and bytes of each `folder/KIND/*.eml`, in a fixed order."""
    for path in sorted(folder.glob("*/*.eml")):
        kind = path.parent.name
        yield kind, f"modern/{kind}/by-hand/{path.name}", path.read_bytes()
