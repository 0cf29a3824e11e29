"""What advertising does to its letters, honest or not: louder sentences, subjects that say half of what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from seg_ml.corpora.modern.letters import Block

_LOUD = frozenset({"heading", "p", "button"})
_JOINTS = (" / ", " – ", ": ", " + ", " - ", " & ")
_LONGEST = 160


def louder(blocks: Sequence[Block], random: Random) -> tuple[Block, ...]:
    """The pieces of a letter, about half of its sentences with an exclamation mark at the end."""
    return tuple(replace(block, text=_exclaimed(block.text)) if _chosen(block, random) else block for block in blocks)


def longer(subject: str, blocks: Sequence[Block], random: Random) -> str:
    """A subject that goes on with what a heading further down says."""
    headings = [block.text for block in blocks if block.kind == "heading" and block.text != subject]
    if not headings:
        return subject
    found = random.sample(headings, min(len(headings), random.randint(1, 2)))
    return random.choice(_JOINTS).join([subject, *found])[:_LONGEST]


def _chosen(block: Block, random: Random) -> bool:
    return block.kind in _LOUD and bool(block.text) and random.random() < 0.5


def _exclaimed(text: str) -> str:
    return text if text[-1] in "!?:," else text.removesuffix(".") + "!"
