"""Domains that imitate a protected one: look-alike letters, one slip of the keyboard, the name with a lure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from rapidfuzz.distance import OSA

from seg_ml.signatures.brands import Brand, BrandTable, brand_table
from seg_ml.signatures.domains import (
    fold,
    is_ip,
    organizational_domain,
    public_suffix,
    registrable_label,
    skeleton,
    to_unicode,
)
from seg_ml.signatures.lists import bundled
from seg_ml.signatures.settings import SignatureSettings

MIN_TYPO = 6
"""Shorter names lie one edit away from ordinary words too often. The first letter has to agree, or to be the next
key: people notice it (`lindows`, `ulster` are names of their own)."""

MIN_COMBO = 4
MIN_LURE, MAX_LURE = 5, 16
"""Length of a lure that is glued to a name without a separator; shorter ones are parts of too many words."""

_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_BESIDE = {
    key: "".join(row[at - 1 : at] + row[at + 1 : at + 2] + above[at : at + 2] + below[max(0, at - 1) : at + 1])
    for above, row, below in zip(("", *_ROWS), _ROWS, (*_ROWS[1:], ""), strict=False)
    for at, key in enumerate(row)
}
"""Keys by the keys around them; each row stands half a key to the right of the one above."""

_SEPARATORS = re.compile(r"[-_.]+")


class Trick(StrEnum):
    """How a domain imitates another."""

    HOMOGLYPH = "look-alike letters"
    SUBDOMAIN = "the brand's domain as a subdomain of another"
    COMBINATION = "the brand's name with a lure"
    TYPO = "one edit away"
    KEYBOARD = "a neighbouring key"
    SUFFIX = "the brand's name under a cheap suffix"


@dataclass(frozen=True, slots=True)
class Lookalike:
    """A host that imitates a brand."""

    host: str
    brand: Brand
    trick: Trick


class LookalikeIndex:
    """Brand labels prepared so that one host costs a handful of hash look-ups, whatever the table's size."""

    def __init__(self, table: BrandTable) -> None:
        self._table = table
        self._labels: dict[str, Brand] = {}
        for brand in table.brands:
            for domain in brand.domains:
                label = registrable_label(domain)
                if label and _bears_name(label, brand):
                    self._labels.setdefault(label, brand)
        self._skeletons = {skeleton(label): label for label in reversed(self._labels) if len(label) >= MIN_COMBO}
        self._longest = max(map(len, self._labels), default=0)
        self._shortened: dict[str, list[str]] = {}
        for label, brand in self._labels.items():
            if len(label) >= MIN_TYPO and not brand.common:
                for key in _deletions(label):
                    self._shortened.setdefault(key, []).append(label)

    def find(self, host: str) -> Lookalike | None:
        """The strongest imitation that a host is, `None` for brands themselves and for strangers."""
        if is_ip(host) or self._table.owner(host) is not None:
            return None
        label = registrable_label(host)
        if not label:
            return None
        for trick, brand in self._tricks(host, label):
            if brand is not None:
                return Lookalike(host, brand, trick)
        return None

    def _tricks(self, host: str, label: str) -> Iterator[tuple[Trick, Brand | None]]:
        yield Trick.HOMOGLYPH, self._homoglyph(label)
        yield Trick.SUBDOMAIN, self._subdomain(host)
        yield Trick.COMBINATION, self._combination(label)
        yield Trick.TYPO, self._typo(label)
        yield Trick.KEYBOARD, self._slip(label)
        yield Trick.SUFFIX, self._suffix(host, label)

    def _homoglyph(self, label: str) -> Brand | None:
        twin = self._skeletons.get(skeleton(label))
        return self._labels[twin] if twin is not None and twin != label else None

    def _subdomain(self, host: str) -> Brand | None:
        domain = organizational_domain(host)
        labels = host[: -len(domain) - 1].split(".") if host.endswith("." + domain) else []
        for start in range(min(len(labels), 10)):
            for end in range(start + 2, min(start + 4, len(labels)) + 1):
                brand = self._table.owner(".".join(labels[start:end]))
                if brand is not None:
                    return brand
        return None

    def _combination(self, label: str) -> Brand | None:
        words = _SEPARATORS.split(label)
        if len(words) < 2:
            return self._glued(label)
        for index, word in enumerate(words):
            rest = words[:index] + words[index + 1 :]
            twin = word if word in self._labels else self._skeletons.get(skeleton(word))
            if twin is not None and all(other in _lures() or other.isdigit() for other in rest):
                return self._labels[twin]
        return None

    def _glued(self, label: str) -> Brand | None:
        lures = _long_lures()
        for size in range(MIN_LURE, min(MAX_LURE, len(label) - MIN_COMBO) + 1):
            for lure, rest in ((label[-size:], label[:-size]), (label[:size], label[size:])):
                brand = self._labels.get(rest) if lure in lures else None
                if brand is not None and not brand.common:
                    return brand
        return None

    def _typo(self, label: str) -> Brand | None:
        if not MIN_TYPO - 1 <= len(label) <= self._longest + 1 or label in self._labels:
            return None
        for key in _deletions(label):
            for candidate in self._shortened.get(key, ()):
                if label[0] == candidate[0] and OSA.distance(label, candidate, score_cutoff=1) == 1:
                    return self._labels[candidate]
        return None

    def _slip(self, label: str) -> Brand | None:
        """The first letter is the key beside the right one; further in, any edit counts already."""
        if len(label) < MIN_TYPO or label in self._labels:
            return None
        for candidate in self._shortened.get(label[1:], ()):
            own = candidate.removesuffix("bank")  # US Bank and Isbank are two banks
            if len(own) >= MIN_COMBO and candidate[1:] == label[1:] and label[0] in _BESIDE.get(candidate[0], ""):
                return self._labels[candidate]
        return None

    def _suffix(self, host: str, label: str) -> Brand | None:
        brand = self._labels.get(label)
        cheap = public_suffix(host) in bundled("cheap_suffixes.txt")
        return brand if brand is not None and cheap and len(label) >= MIN_COMBO and not brand.common else None


def _bears_name(label: str, brand: Brand) -> bool:
    """Whether a domain of a brand carries its name: `live.com` is Microsoft's, and `live` is a word."""
    if brand.sector == "own":
        return True
    names = ("".join(c for c in fold(alias) if c.isalnum()) for alias in brand.aliases)
    plain = label.replace("-", "")
    return any(name == plain or (len(name) >= MIN_TYPO - 1 and name in plain) for name in names)


def _deletions(label: str) -> Iterator[str]:
    """The label and every string with one character less: two labels one edit apart share one of them."""
    yield label
    for index in range(len(label)):
        yield label[:index] + label[index + 1 :]


@lru_cache(maxsize=1)
def _lures() -> frozenset[str]:
    return bundled("lure_words.txt")


@lru_cache(maxsize=1)
def _long_lures() -> frozenset[str]:
    return frozenset(word for word in _lures() if MIN_LURE <= len(word) <= MAX_LURE)


@lru_cache(maxsize=8)
def lookalike_index(settings: SignatureSettings) -> LookalikeIndex:
    """The index of the bundled brands, one's own, and the organization."""
    return LookalikeIndex(brand_table(settings))


@lru_cache(maxsize=8192)
def find_lookalike(settings: SignatureSettings, host: str) -> Lookalike | None:
    """`LookalikeIndex.find` over the settings' brands; the host in A- or U-labels."""
    return lookalike_index(settings).find(to_unicode(host.strip().rstrip(".").lower()[:253]))
