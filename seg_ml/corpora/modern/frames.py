"""Frames and pieces of HTML, from `data/html/`."""

from __future__ import annotations

from functools import cache
from html import escape
from string import Template

import yaml

from seg_ml.corpora.modern.words import DATA


def frame(name: str, **values: str) -> str:
    """A page, its places filled."""
    return _frame(name).substitute(values)


def piece(kind: str, **values: str) -> str:
    """A piece of a page, its places filled; a paragraph where the kind is none of `pieces.yaml`."""
    known = _pieces()
    return known.get(kind, known["p"]).substitute(values)


def lines(text: str) -> str:
    """Text with its line breaks, as HTML."""
    return escape(text).replace("\n", "<br>\n")


@cache
def _frame(name: str) -> Template:
    return Template((DATA / "html" / f"{name}.html").read_text(encoding="utf-8"))


@cache
def _pieces() -> dict[str, Template]:
    rows = yaml.safe_load((DATA / "html" / "pieces.yaml").read_text(encoding="utf-8"))
    return {kind: Template(text) for kind, text in rows.items()}
