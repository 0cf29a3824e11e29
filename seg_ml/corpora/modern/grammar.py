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
    return _tidy(text)


def _tidy(text: str) -> str:
    """Without what is left where a choice was empty, or ended a sentence by itself."""
    text = re.sub(r" +([.,](?:\s|$))", r"\1", re.sub(r" {2,}", " ", text))
    text = re.sub(r"([?!])\.(?!\.)", r"\1", text)
    return re.sub(r"(?<!\.)\.\.(\s|$)", r".\1", text).strip()
