"""The items of a JSON array one by one, in memory for one item and a block."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TextIO

BLOCK = 1 << 16
LONGEST_ITEM = 16 << 20


def array_items(stream: TextIO, begun: str = "") -> Iterator[Any]:
    """Every item of the array that a stream holds; `begun` is what was already read of it.

    Raises:
        ValueError: it is no JSON array, or ends before its end.
    """
    decoder, text = json.JSONDecoder(), begun
    while not text.strip():
        block = stream.read(BLOCK)
        if not block:
            raise ValueError("nothing in it")
        text += block
    text = text.lstrip("\ufeff \t\r\n")
    if not text.startswith("["):
        raise ValueError("no array")
    text = text[1:]
    while True:
        text = text.lstrip(" \t\r\n,")
        if text.startswith("]"):
            return
        try:
            item, end = decoder.raw_decode(text)
            # A number or a word could go on in the next block; objects and strings end where they end.
            complete = end < len(text) or text[:1] in '{["'
        except ValueError:
            complete = False
        if complete:
            yield item
            text = text[end:]
            continue
        block = stream.read(max(BLOCK, len(text)))
        if not block or len(text) > LONGEST_ITEM:
            raise ValueError("cut short, or no JSON")
        text += block
