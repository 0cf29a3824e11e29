"""TLSH, a digest that stays close when a file changes a little: 128 buckets, one octet of checksum, form `T1`.

Source: Oliver, Cheng, Chen, "TLSH – a locality sensitive hash" (2013); the tables are those of the reference
implementation (Trend Micro, Apache-2.0 or BSD), which needs a C++ compiler to install. Digests are the same.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

MIN_SIZE = 50
MAX_SIZE = 32 << 20
BUCKETS, CODE = 128, 32

_TABLE = bytes.fromhex(
    "0157310cb0b266a679c10654f9e62ca30ec5d5b5a155da5040ef18e2ec8e26c86eb168678dfdff324d6551122d601fde"
    "196bbe4656edf02248f214d6f4e395eb61ea39163cfa52afd0057fc76f3e87f8aea9d33a429a6ac3f5ab11bbb6b300f3"
    "8438944b80859e64827e5b0d99f6d8db7744df4e5358c9637a0b5c208872340a8a1e30b79c233d1a8f4afb5e81a23f98"
    "aa0773a7f1ce0396373b97dc5a3517837dad0fee4f5f59106989e1e0d9a0257b7649029d2e74099186e4cfd4cad745e5"
    "1bbc437ca8fc2a041d6c15f713cd27cbe928ba93c6c09b21a4bf62cca5b4754c8c24d2ac29369f08b9e871c4e72f9278"
    "33411c90fedd5dbdc28b702b476db8d1"
)
# (salt after its own look-up, distances of the two older octets of the window) of the six triplets.
_TRIPLETS = ((49, 1, 2), (12, 1, 3), (178, 2, 3), (166, 2, 4), (84, 1, 4), (230, 3, 4))
_WINDOW = 5
# Largest length of each step of the length's logarithm.
_LENGTHS = (
    1, 2, 3, 5, 7, 11, 17, 25, 38, 57, 86, 129, 194, 291, 437, 656, 854, 1110, 1443, 1876, 2439, 3171, 3475, 3823,
    4205, 4626, 5088, 5597, 6157, 6772, 7450, 8195, 9014, 9916, 10907, 11998, 13198, 14518, 15970, 17567, 19323,
    21256, 23382, 25720, 28292, 31121, 34233, 37656, 41422, 45564, 50121, 55133, 60646, 66711, 73382, 80721, 88793,
    97672, 107439, 118183, 130002, 143002, 157302, 173032, 190335, 209369, 230306, 253337, 278670, 306538, 337191,
    370911, 408002, 448802, 493682, 543050, 597356, 657091, 722800, 795081, 874589, 962048, 1058252, 1164078,
    1280486, 1408534, 1549388, 1704327, 1874759, 2062236, 2268459, 2495305, 2744836, 3019320, 3321252, 3653374,
    4018711, 4420582, 4862641, 5348905, 5883796, 6472176, 7119394, 7831333, 8614467, 9475909, 10423501, 11465851,
    12612437, 13873681, 15261050, 16787154, 18465870, 20312458, 22343706, 24578077, 27035886, 29739474, 32713425,
    35984770, 39583245, 43541573, 47895730, 52685306, 57953837, 63749221, 70124148, 77136564, 84850228, 93335252,
    102668779, 112935659, 124229227, 136652151, 150317384, 165349128, 181884040,
)  # fmt: skip
_FORM = re.compile(r"(?:T1)?([0-9A-Fa-f]{70})")


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest in its parts."""

    checksum: int
    length: int
    ratios: tuple[int, int]
    code: bytes

    def __str__(self) -> str:
        low, high = self.ratios
        head = bytes((_swapped(self.checksum), _swapped(self.length), _swapped(high << 4 | low)))
        return "T1" + (head + self.code).hex().upper()


def tlsh(content: bytes) -> Digest | None:
    """The digest of a file, `None` where it is too short, too large or too uniform to have one."""
    if not MIN_SIZE <= len(content) <= MAX_SIZE:
        return None
    buckets = _buckets(content)
    ordered = sorted(buckets)
    q1, q2, q3 = ordered[BUCKETS // 4 - 1], ordered[BUCKETS // 2 - 1], ordered[BUCKETS - BUCKETS // 4 - 1]
    if q3 == 0 or sum(count > 0 for count in buckets) <= BUCKETS // 2:
        return None
    levels = [(count > q1) + (count > q2) + (count > q3) for count in buckets]
    code = bytes(sum(levels[4 * at + pair] << 2 * pair for pair in range(4)) for at in reversed(range(CODE)))
    ratios = (q1 * 100 // q3 % 16, q2 * 100 // q3 % 16)
    return Digest(_checksum(content), bisect_left(_LENGTHS, len(content)) & 0xFF, ratios, code)


def read_digest(text: str) -> Digest | None:
    """A digest from its hexadecimal form, `None` where it is none."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        return None
    data = bytes.fromhex(found.group(1))
    ratios = _swapped(data[2])
    return Digest(_swapped(data[0]), _swapped(data[1]), (ratios & 15, ratios >> 4), data[3:])


def distance(one: Digest, other: Digest, bound: int | None = None) -> int:
    """How far two files are apart: 0 for the same, below 30 for versions of one. Beyond `bound` it is not exact."""
    far = _header_distance(one, other)
    if bound is not None and far > bound:
        return far
    rows = _pair_distances()
    return far + sum(rows[a][b] for a, b in zip(one.code, other.code, strict=True))


def _header_distance(one: Digest, other: Digest) -> int:
    steps = _around(one.length, other.length, 256)
    far = steps if steps <= 1 else steps * 12
    for a, b in zip(one.ratios, other.ratios, strict=True):
        steps = _around(a, b, 16)
        far += steps if steps <= 1 else (steps - 1) * 12
    return far + (one.checksum != other.checksum)


def _around(a: int, b: int, size: int) -> int:
    return min((a - b) % size, (b - a) % size)


@lru_cache(maxsize=1)
def _pair_distances() -> tuple[bytes, ...]:
    """Distance of every two octets, four pairs of bits each; opposite quartiles count double."""
    pair = [[0, 1, 2, 6], [1, 0, 1, 2], [2, 1, 0, 1], [6, 2, 1, 0]]
    shifts = (0, 2, 4, 6)
    return tuple(bytes(sum(pair[a >> s & 3][b >> s & 3] for s in shifts) for b in range(256)) for a in range(256))


def _swapped(octet: int) -> int:
    return (octet >> 4 | octet << 4) & 0xFF


def _buckets(content: bytes) -> list[int]:
    # Whole-file arithmetic on integers and translation tables: a Python loop over octets would take seconds.
    end = len(content)
    shifted = [content[_WINDOW - 1 - back : end - back] for back in range(_WINDOW)]
    counts = [0] * BUCKETS
    for salt, near, far in _TRIPLETS:
        salted = bytes(_TABLE[salt ^ octet] for octet in range(256))
        mixed = _xored(shifted[0].translate(salted), shifted[near]).translate(_TABLE)
        mapped = _xored(mixed, shifted[far]).translate(_TABLE)
        for bucket, count in Counter(mapped).items():
            if bucket < BUCKETS:
                counts[bucket] += count
    return counts


def _checksum(content: bytes) -> int:
    end = len(content)
    salted = bytes(_TABLE[1 ^ octet] for octet in range(256))
    mixed = _xored(content[_WINDOW - 1 : end].translate(salted), content[_WINDOW - 2 : end - 1]).translate(_TABLE)
    value = 0
    for octet in mixed:
        value = _TABLE[octet ^ value]
    return value


def _xored(a: bytes, b: bytes) -> bytes:
    return (int.from_bytes(a, "little") ^ int.from_bytes(b, "little")).to_bytes(len(a), "little")
