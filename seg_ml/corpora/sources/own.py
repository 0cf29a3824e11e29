"""A user's own mail: a folder of `.eml`, an mbox, a Maildir or a CSV file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from seg_ml.corpora.card import Card, load_card
from seg_ml.corpora.catalogue import CORPORA, RawMail
from seg_ml.corpora.own_csv import read_csv
from seg_ml.corpora.own_files import read_files
from seg_ml.domain.errors import CorpusError
from seg_ml.domain.verdict import Label


@dataclass(frozen=True)
class OwnMail:
    """Mail at `path` under a name of the user's choice.

    `label` holds for every message; without it a CSV's column or the folder of an `.eml` says it.
    """

    id: str = "own"
    path: Path | None = None
    label: Label | None = None
    shippable: bool = True

    @property
    def card(self) -> Card:
        """The card of own mail, under the user's name for it."""
        return replace(load_card("own"), id=self.id, shippable=self.shippable)

    @property
    def origin(self) -> str:
        """The path as it was given."""
        return str(self.path or "")

    def messages(self) -> Iterator[RawMail]:
        """Every message, in a fixed order.

        Raises:
            CorpusError: there is no path, it holds something else than mail, or a message has no label.
        """
        if self.path is None:
            raise CorpusError("own mail has no place of its own: seg-ml corpora add PATH --id NAME --label ham")
        for name, said, raw in self._named(self.path):
            label = self.label or _label(said, name)
            yield RawMail(raw=raw, kind=str(label), label=label, source_path=name)

    def _named(self, path: Path) -> Iterator[tuple[str, str | None, bytes]]:
        return read_csv(path) if path.is_file() and path.suffix.lower() == ".csv" else iter(read_files(path))


def _label(said: str | None, name: str) -> Label:
    try:
        return Label((said or "").strip().lower())
    except ValueError as error:
        known = ", ".join(Label)
        raise CorpusError(
            f"{name}: no label: {said!r} is none of {known}: pass --label, or correct it there"
        ) from error


CORPORA.register("own", OwnMail())
