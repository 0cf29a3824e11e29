"""What two messages are compared by: runs of words of subject and visible text, with what varies masked."""

from __future__ import annotations

import re
import zlib

import numpy as np
from numpy.typing import NDArray

from seg_ml.domain.message import Message

Shingles = NDArray[np.uint64]
"""Sorted, distinct 64-bit hashes of runs of words."""

WORDS_PER_SHINGLE = 3

_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"']+")
_ADDRESS = re.compile(r"[^\s<>()\"':;,]+@[^\s<>()\"':;,]+")
_WORD = re.compile(r"\w+")
_DIGIT = re.compile(r"\d")
_REPLY = re.compile(r"^(?:\s*(?:re|fwd?|aw|wg|sv|tr|res|enc)\s*:)+", re.IGNORECASE)
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


def words(message: Message) -> list[str]:
    """Words of subject and visible text in lower case.

    Links, addresses and whatever contains a digit become one word each per kind: a campaign varies
    those, and a text that differs in nothing else is the same text.
    """
    text = f"{_REPLY.sub('', message.subject)}\n{message.text}".lower()
    text = _ADDRESS.sub(" address_ ", _URL.sub(" link_ ", text))
    return ["number_" if _DIGIT.search(word) else word for word in _WORD.findall(text)]


def shingles(message: Message, size: int = WORDS_PER_SHINGLE) -> Shingles:
    """Hashes of every run of `size` words; one hash of all words where there are fewer, none where there are none."""
    found = words(message)
    if not found:
        return np.empty(0, np.uint64)
    # crc32 and not hash(): the same text has to give the same number in every process.
    numbers = np.fromiter((zlib.crc32(word.encode("utf-8", "replace")) for word in found), np.uint64, len(found))
    run = min(size, len(numbers))
    combined = np.zeros(len(numbers) - run + 1, np.uint64)
    for offset in range(run):
        combined = _mix(combined * _MULTIPLIER + numbers[offset : offset + len(combined)])
    return np.unique(combined)


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of splitmix64: neighbouring numbers come out far apart."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def jaccard(left: Shingles, right: Shingles) -> float:
    """Share of shingles that both have, in [0, 1]; 0 where either has none."""
    if not len(left) or not len(right):
        return 0.0
    common = len(np.intersect1d(left, right, assume_unique=True))
    return common / (len(left) + len(right) - common)
