"""What a text is after: groups of phrases from `data/intents/<id>.yaml`, looked up word by word.

A phrase costs a hash look-up where its first word stands, so a text is read once whatever the number of phrases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import yaml

from seg_ml.signatures.domains import fold
from seg_ml.signatures.lists import DATA

MAX_WORDS = 6000
MAX_CHARACTERS = 60_000
_WORDS = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*|%", re.UNICODE)


@lru_cache(maxsize=4)
def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, folded, in order; the beginning of a very long one."""
    folded = fold_long(text[:MAX_CHARACTERS]).replace("\u2019", "'")
    return tuple(_WORDS.findall(folded)[:MAX_WORDS])


def fold_long(text: str) -> str:
    """`domains.fold` for texts longer than its bound."""
    return "".join(fold(text[at : at + 4096]) for at in range(0, len(text), 4096))


@dataclass(frozen=True, slots=True)
class Intent:
    """Phrases by their first word: (all words, group)."""

    groups: tuple[str, ...]
    phrases: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]

    def match(self, words: tuple[str, ...]) -> dict[str, list[str]]:
        """Groups with the distinct phrases found in each, in the groups' order."""
        found: dict[str, dict[str, None]] = {}
        for _, phrase, group in self.places(words):
            found.setdefault(group, {})[" ".join(phrase)] = None
        return {group: list(found[group]) for group in self.groups if group in found}

    def places(self, words: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...], str]]:
        """Where each phrase begins, its words, and its group, in the order of the text."""
        known = self.phrases
        for at, word in enumerate(words):
            if word in known:
                for phrase, group in known[word]:
                    if words[at : at + len(phrase)] == phrase:
                        yield at, phrase, group


@lru_cache(maxsize=32)
def intent(intent_id: str) -> Intent:
    """The phrases of a signature by its id."""
    text = (DATA / "intents" / f"{intent_id}.yaml").read_text(encoding="utf-8")
    return intent_of(yaml.safe_load(text))


def intent_of(groups: Mapping[str, Sequence[str]]) -> Intent:
    """Groups of phrases, ready to be looked up; phrases are folded as texts are."""
    phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for group, lines in groups.items():
        for line in lines:
            phrase = tuple(_WORDS.findall(fold(line)))
            phrases.setdefault(phrase[0], []).append((phrase, group))
    return Intent(tuple(groups), {first: tuple(found) for first, found in phrases.items()})


def quoted(found: Mapping[str, list[str]], each: int = 2) -> str:
    """Found phrases as evidence: a few of each group."""
    return "; ".join(
        f"{group}: {', '.join(repr(phrase) for phrase in phrases[:each])}" for group, phrases in found.items()
    )
