"""Modern mail of our own making, legitimate and hostile, with rendered mail templates of PyPI packages among it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from seg_ml.corpora.card import Card, load_card
from seg_ml.corpora.catalogue import CORPORA, RawMail
from seg_ml.corpora.modern.by_hand import FOLDER, by_hand
from seg_ml.corpora.modern.drafts import Draft
from seg_ml.corpora.modern.generate import COUNTS, MESSAGES, SEED, generate
from seg_ml.corpora.modern.rendered import Download, rendered
from seg_ml.corpora.modern.wheels import pip_download
from seg_ml.domain.errors import CorpusError


@dataclass(frozen=True)
class Modern:
    """`size` is about how many messages are made; the same size and seed give the same bytes.

    `download` fetches the wheels whose mail templates are rendered (tests give their own); `None` leaves them out.
    `whole` is a folder of messages that were written one by one, all of them taken at any size; `None` leaves them out.
    """

    size: int = MESSAGES
    seed: int = SEED
    download: Download | None = pip_download
    whole: Path | None = FOLDER
    cards: Path | None = None
    id: str = "modern"

    @property
    def card(self) -> Card:
        """The card in `data/`."""
        return load_card(self.id, self.cards) if self.cards else load_card(self.id)

    @property
    def origin(self) -> str:
        """What it is made of."""
        return f"seg_ml.corpora.modern, seed {self.seed}; {self.card.location}"

    def messages(self) -> Iterator[RawMail]:
        """Every message, in a fixed order.

        Raises:
            CorpusError: the card does not name a kind that is made, or the packages cannot be fetched.
        """
        card = self.card
        written = by_hand(self.whole) if self.whole else ()
        for kind, name, raw in chain(generate(self._rendered(), self.size, self.seed), written):
            if kind not in card.labels:
                raise CorpusError(f"modern: kind {kind!r} is not among the labels of data/{self.id}.md; add it")
            yield RawMail(raw=raw, kind=kind, label=card.labels[kind], source_path=name)

    def _rendered(self) -> list[Draft]:
        count = round(COUNTS["notice-rendered"] * self.size / MESSAGES)
        return rendered(count, self.seed, self.download) if self.download else []


CORPORA.register("modern", Modern())
