"""A small grammar of sentences: `[a|b]` is one of them, nested as one likes, and `{slot}` a value."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")


def expand(text: str, random: Random, value: Callable[[str], str]) -> str:
    """One of the sentences that a text stands for; inner choices fall first."""
    while match := _CHOICE.search(text):
        text = text[: match.start()] + random.choice(match.group(1).split("|")) + text[match.end() :]
    while _SLOT.search(text):
        text = _SLOT.sub(lambda match: value(match.group(1)), text)
    return text
