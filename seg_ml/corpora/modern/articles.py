"""Short pieces of which newsletters are made, from `data/articles.txt`."""

from __future__ import annotations

import re
from functools import cache
from random import Random

from seg_ml.corpora.modern.words import DATA


def articles(language: str, count: int, random: Random) -> list[tuple[str, ...]]:
    """That many pieces, or all there are; the first line of each is its heading."""
    known = _known()[language]
    return random.sample(known, min(count, len(known)))


@cache
def _known() -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    pieces = re.split(r"^=== *(\w\w)$", (DATA / "articles.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    for language, body in zip(pieces[::2], pieces[1::2], strict=True):
        for piece in body.strip().split("\n\n"):
            found.setdefault(language, []).append(tuple(line.strip() for line in piece.splitlines() if line.strip()))
    return found
