"""MinHash of a text: how much of its wording two texts share, from 480 octets each.

Source: Broder, "On the resemblance and containment of documents" (1997); one permutation instead of many: Li, Owen,
Zhang (2012), with empty bins filled as in Shrivastava (2017).
"""

from __future__ import annotations

import re
from array import array
from hashlib import blake2b
from itertools import islice

from seg_ml.signatures.intents import words_of

BINS = 120
BANDS, ROWS = 24, 5
"""Texts that share half of their wording meet in a band as often as not, near-duplicates always."""

SHINGLE = 3
MIN_WORDS = 25
"""Shorter bodies share their wording by chance."""

MAX_SHINGLES = 3_000
_EMPTY = 0xFFFFFFFF
_DIGITS = re.compile(r"\d+")


def minhash(text: str) -> array[int] | None:
    """One number a bin, `None` for a text too short to tell."""
    words = [_DIGITS.sub("0", word) for word in islice(words_of(text), MAX_SHINGLES)]
    if len(words) < MIN_WORDS:
        return None
    bins = array("I", [_EMPTY] * BINS)
    for shingle in {" ".join(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1)}:
        number = int.from_bytes(blake2b(shingle.encode("utf-8", "replace"), digest_size=8).digest(), "little")
        place, value = number % BINS, (number >> 32) & 0xFFFFFFFE
        bins[place] = min(bins[place], value)
    return _filled(bins)


def _filled(bins: array[int]) -> array[int]:
    """Empty bins take the value of a full one, the same one in every text where it is full."""
    filled = array("I", bins)
    for place, value in enumerate(bins):
        attempt = 0
        while value == _EMPTY:
            attempt += 1
            digest = blake2b(f"{place} {attempt}".encode(), digest_size=4).digest()
            value = bins[int.from_bytes(digest, "little") % BINS]
        filled[place] = value
    return filled


def similarity(one: array[int], other: array[int]) -> float:
    """Estimate of the share of shingles that two texts have in common; its error is about 0.04."""
    return sum(a == b for a, b in zip(one, other, strict=True)) / BINS


def bands(signature: array[int]) -> list[int]:
    """A number for each band; near-duplicates share at least one."""
    return [
        int.from_bytes(blake2b(signature[at : at + ROWS].tobytes(), digest_size=7, salt=bytes([at])).digest(), "little")
        for at in range(0, BANDS * ROWS, ROWS)
    ]
