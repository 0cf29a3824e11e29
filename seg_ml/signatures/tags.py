"""Characters that no font draws: tags and variation selectors that spell a hidden text, zero-width ones in words."""

from __future__ import annotations

import re

_TAGS = re.compile("[\U000e0020-\U000e007e]+")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}")  # a glyph takes one of them
_FLAG = "\U0001f3f4"  # a waving black flag with tags is an emoji (the flag of Scotland)
_SPLIT_WORD = re.compile(
    "[a-z\u0400-\u04ff][\u00ad\u034f\u200b\u2060-\u2064\ufeff\U000e0100-\U000e01ef]+(?=[a-z\u0400-\u04ff])",
    re.IGNORECASE,
)


def untagged(text: str) -> str:
    """What tag characters and runs of variation selectors spell, empty without; flags are left out."""
    if text.isascii():
        return ""
    runs = (match for match in _TAGS.finditer(text) if text[match.start() - 1 : match.start()] != _FLAG)
    tags = ["".join(chr(ord(c) - 0xE0000) for c in match.group()) for match in runs]
    octets = [bytes(map(_octet, match.group())) for match in _SELECTORS.finditer(text)]
    return "\n".join([*tags, *(run.decode("utf-8", "replace") for run in octets)])


def _octet(selector: str) -> int:
    """The 256 selectors number the octets: 16 in one block, the others in another (Unicode 16, §23.4)."""
    code = ord(selector)
    return code - 0xFE00 if code <= 0xFE0F else code - 0xE0100 + 16


def split_words(text: str) -> int:
    """How often an invisible character stands between two letters of a word. Soft hyphens count: mail has none."""
    if text.isascii():
        return 0
    return sum(1 for _ in _SPLIT_WORD.finditer(text))
