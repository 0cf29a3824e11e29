"""Corpus cards: `data/<id>.md`, whose YAML front matter is the one place of a corpus's facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from seg_ml.domain.errors import CorpusError
from seg_ml.domain.verdict import Label

CARDS = Path(__file__).resolve().parents[2] / "data"
"""Folder of the cards in a checkout."""


@dataclass(frozen=True, slots=True)
class Card:
    """Front matter of a card.

    `location` is what the source needs to find the corpus: an archive's file name, a package and version.
    `sha256` pins that archive, empty for mail that is nobody's archive. `labels` maps a kind (the folder
    inside the archive) to the label its messages carry. A corpus that is not `shippable` may train a model
    for research, never one that leaves the house. `receives_at` names the organizational domains of hosts that
    belong to the recipient although mail hops between them over public addresses. Mail that is `semi_synthetic` was
    made and not collected: figures on it are reported apart.
    """

    id: str
    title: str
    location: str
    sha256: str
    licence: str
    shippable: bool
    messages: int
    labels: Mapping[str, Label]
    receives_at: frozenset[str] = frozenset()
    semi_synthetic: bool = False


def load_card(corpus_id: str, folder: Path = CARDS) -> Card:
    """Read the card of a corpus.

    Raises:
        CorpusError: there is no card, or its front matter lacks a field or names an unknown label.
    """
    path = folder / f"{corpus_id}.md"
    if not path.is_file():
        raise CorpusError(f"corpus {corpus_id!r} has no card: write {path}, {folder / 'spamassassin.md'} is an example")
    try:
        return _card(_front_matter(path.read_text(encoding="utf-8")))
    except (KeyError, TypeError, ValueError, AttributeError, yaml.YAMLError) as error:
        raise CorpusError(f"{path}: front matter: {type(error).__name__}: {error}; correct that field") from error


def receiving_sites(corpus_id: str, folder: Path = CARDS) -> frozenset[str]:
    """`receives_at` of a corpus, nothing for one that has no card, as a user's own mail."""
    return load_card(corpus_id, folder).receives_at if (folder / f"{corpus_id}.md").is_file() else frozenset()


def made_corpora(corpus_ids: Iterable[str], folder: Path = CARDS) -> frozenset[str]:
    """Those of these corpora whose mail was made and not collected; a user's own mail has no card, and was not."""
    known = (name for name in corpus_ids if (folder / f"{name}.md").is_file())
    return frozenset(name for name in known if load_card(name, folder).semi_synthetic)


def _front_matter(text: str) -> Mapping[str, Any]:
    opening, _, rest = text.partition("---\n")
    block, closing, _ = rest.partition("\n---\n")
    if opening or not closing:
        raise ValueError("must stand first in the file, between two lines of three dashes")
    return dict(yaml.safe_load(block))


def _card(fields: Mapping[str, Any]) -> Card:
    return Card(
        id=str(fields["id"]),
        title=str(fields["title"]),
        location=str(fields["location"] or ""),
        sha256=str(fields["sha256"] or ""),
        licence=str(fields["licence"]),
        shippable=_boolean("shippable", fields["shippable"]),
        messages=int(fields["messages"]),
        labels={str(kind): Label(label) for kind, label in dict(fields["labels"]).items()},
        receives_at=frozenset(map(str, fields.get("receives_at", ()))),
        semi_synthetic=_boolean("semi-synthetic", fields.get("semi-synthetic", False)),
    )


def _boolean(name: str, value: object) -> bool:
    # `bool("false")` is true: a quoted word must not turn a research-only corpus into a shippable one.
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be true or false, not {value!r}")
    return value
