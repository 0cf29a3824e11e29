"""Text to subword ids: the head of a message, and where asked its tail, within a fixed length."""

from __future__ import annotations

from pathlib import Path

from tokenizers import Tokenizer


class Subwords:
    """Reads a `tokenizer.json`. `head` and `tail` count subwords between the two special ones."""

    def __init__(self, path: Path, head: int, tail: int = 0) -> None:
        self.head, self.tail = head, tail
        self._tokenizer = Tokenizer.from_file(str(path))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._first, self._last = self._special()

    def ids(self, text: str) -> list[int]:
        """Ids of one text, length at most `head + tail + 2`, never padded."""
        inner = self._tokenizer.encode(text, add_special_tokens=False).ids
        if len(inner) > self.head + self.tail:
            inner = inner[: self.head] + (inner[-self.tail :] if self.tail else [])
        return [self._first, *inner, self._last]

    def _special(self) -> tuple[int, int]:
        ids = self._tokenizer.encode("").ids
        return ids[0], ids[-1]
