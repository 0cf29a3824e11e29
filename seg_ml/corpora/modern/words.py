"""The words of a language that letters are filled with, from `data/`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

import yaml

LANGUAGES = ("en", "de", "fr", "pt", "es", "nl", "it")
WEIGHTS = (50, 12, 9, 8, 7, 7, 7)
"""Shares of the languages in percent."""

DATA = files("seg_ml.corpora.modern") / "data"


@cache
def words(language: str, name: str) -> tuple[str, ...]:
    """A list of `locale.yaml`, such as the given names of a language."""
    return tuple(word.strip() for word in _table("locale.yaml")[language][name].split(";"))


@cache
def trades(language: str, sector: str) -> tuple[str, ...]:
    """What companies of a sector call their trade; those of any business where the sector is not known."""
    known = _table("locale.yaml")[language]["trades"]
    return tuple(word.strip() for word in known.get(sector, known["business"]).split(";"))


@cache
def pattern(language: str, name: str) -> str:
    """A form of `locale.yaml`, such as how money is written."""
    return str(_table("locale.yaml")[language][name])


@cache
def shared(language: str, name: str) -> tuple[str, ...]:
    """Sentences that the letters of a language share, of `shared.yaml`."""
    return tuple(_table("shared.yaml")[language][name])


def a_language(random: Random) -> str:
    """A language, by its share."""
    return random.choices(LANGUAGES, WEIGHTS)[0]


@cache
def _table(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((DATA / name).read_text(encoding="utf-8")))
