"""What a labelled source offers, and the catalogue of those that are known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from seg_ml.corpora.card import Card
from seg_ml.domain.catalogue import Catalogue
from seg_ml.domain.verdict import Label


@dataclass(frozen=True, slots=True)
class RawMail:
    """One labelled message as its source has it. `source_path` is its name there, unique within a corpus."""

    raw: bytes
    kind: str
    label: Label
    source_path: str


class Source(Protocol):
    """A labelled source of raw messages. Constructing one touches neither disk nor network."""

    @property
    def id(self) -> str:
        """Name of the corpus, of its card and of its files."""
        ...

    @property
    def card(self) -> Card:
        """Licence, pinned hash and meaning of the labels."""
        ...

    @property
    def origin(self) -> str:
        """Where the messages come from, in words for the record beside them."""
        ...

    def messages(self) -> Iterator[RawMail]:
        """Every message, in a fixed order.

        Raises:
            CorpusError: the source is missing, or its hash is not the pinned one.
        """
        ...


CORPORA: Catalogue[Source] = Catalogue("corpus", "seg_ml.corpora.sources")
