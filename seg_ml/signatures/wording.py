"""Samples of a text that find it again when it is quoted, and what of a message is quoted."""

from __future__ import annotations

import re
from hashlib import blake2b

from seg_ml.domain.message import Message

WINDOW = 8
"""Words in a row that one mark stands for."""

SHARE = 4
"""One of so many windows is kept, by its hash, so that both sides keep the same ones."""

MOST_WORDS, MOST_MARKS = 2000, 128
_WORDS = re.compile(r"\w+")
_QUOTED = re.compile(r"^[ \t]*(?:[>|] ?)+", re.MULTILINE)
_REFERENCE = re.compile(r"<[^<>\s]{3,250}>")


def marks_of(text: str) -> tuple[int, ...]:
    """Hashes of some of the runs of words, the same whatever the lines are broken at."""
    words = _WORDS.findall(text[: 20 * MOST_WORDS].lower())[:MOST_WORDS]
    found: dict[int, None] = {}
    for at in range(len(words) - WINDOW + 1):
        mark = int.from_bytes(blake2b(" ".join(words[at : at + WINDOW]).encode(), digest_size=8).digest(), "big")
        if mark % SHARE == 0:
            found[mark] = None
            if len(found) == MOST_MARKS:
                break
    return tuple(found)


def quoted_text(message: Message) -> str:
    """What a message says that others wrote, without the marks before its lines."""
    return _QUOTED.sub("", message.quoted_text[:100_000])


def references(message: Message) -> tuple[str, ...]:
    """The messages that In-Reply-To and References name, each once, the direct one first."""
    values = (message.header("In-Reply-To") or "", message.header("References") or "")
    found = [item for value in values for item in _REFERENCE.findall(value[:10_000])]
    return tuple(dict.fromkeys([*found[:10], *found[-40:]]))
