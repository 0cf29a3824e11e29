"""Characters that no font draws: tag characters that spell a hidden text, zero-width ones inside words."""

from __future__ import annotations

import re

_TAGS = re.compile("[\U000e0020-\U000e007e]+")
_FLAG = "\U0001f3f4"  # a waving black flag with tags is an emoji (the flag of Scotland)
_SPLIT_WORD = re.compile(
    "[a-z\u0400-\u04ff][\u00ad\u034f\u200b\u2060-\u2064\ufeff\U000e0100-\U000e01ef]+(?=[a-z\u0400-\u04ff])",
    re.IGNORECASE,
)


def untagged(text: str) -> str:
    """What the tag characters of a text spell, empty without; flags are left out."""
    if not _has_tags(text):
        return ""
    runs = (match for match in _TAGS.finditer(text) if text[match.start() - 1 : match.start()] != _FLAG)
    return "\n".join("".join(chr(ord(c) - 0xE0000) for c in match.group()) for match in runs)


def _has_tags(text: str) -> bool:
    return not text.isascii() and _TAGS.search(text) is not None


def split_words(text: str) -> int:
    """How often an invisible character stands between two letters of a word. Soft hyphens count: mail has none."""
    if text.isascii():
        return 0
    return sum(1 for _ in _SPLIT_WORD.finditer(text))
