"""Letters as text and as HTML, in the ways in which mail services and mail programs lay them out."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from random import Random

from seg_ml.corpora.modern import person_html, picture_html, service_html
from seg_ml.corpora.modern.letters import Block
from seg_ml.corpora.modern.senders import Link

LINKS = frozenset({"button", "link", "footer-link", "image"})


@dataclass(frozen=True, slots=True)
class Look:
    """How a message is laid out: `html` names a layout, empty for text alone; `text` says whether text is there too.

    `icons` counts links to networks below it, each a picture; `pictures`: every heading has a picture above it, that
    is a link; `contact`: an address to write to stands in the footer, or is a link where somebody signs with it.
    """

    html: str
    text: bool
    site: str
    preheader: bool
    pixel: bool
    colour: str
    wrap: int
    icons: int = 0
    pictures: bool = False
    contact: bool = False


def a_look(random: Random, style: str, site: str) -> Look:
    """A layout for a style of letter, whoever sends it. `site` is the domain that plain addresses in it show."""
    if style in ("daemon", "machine"):
        html = ""
    elif style == "person":
        html = random.choice(["", "", "gmail", "outlook", "apple", "outlook"])
    else:
        html = random.choice(["", *service_html.LAYOUTS, "table", "card"])
    return Look(
        html=html,
        text=not html or random.random() < (0.62 if style != "person" else 0.9),
        site=site,
        preheader=style in ("service", "bulk") and random.random() < 0.5,
        pixel=style in ("service", "bulk") and random.random() < 0.5,
        colour=random.choice(["#0a5c9e", "#1f7a4d", "#c2410c", "#111827", "#7c3aed", "#b91c1c", "#0f766e", "#f59e0b"]),
        wrap=random.choice([0, 0, 72, 76, 68]),
        icons=random.randint(2, 6) if style in ("service", "bulk") and random.random() < 0.35 else 0,
        pictures=style == "bulk" and random.random() < 0.4,
        contact=random.random() < 0.3,
    )


def as_text(blocks: Sequence[Block], link: Link, look: Look, random: Random) -> str:
    """The letter as plain text."""
    form = random.choice(["{0}: {1}", "{0}\n{1}", "{0} ( {1} )", "{0} <{1}>", "{0}:\n\n{1}"])
    lines = [_plain(block, link, form) for block in blocks]
    paragraphs = ["\n".join(group) for group in _groups(blocks, lines, look.wrap)]
    return random.choice(["\n\n", "\n\n", "\n"] if len(paragraphs) < 6 else ["\n\n"]).join(paragraphs) + "\n"


def _groups(blocks: Sequence[Block], lines: Sequence[str], wrap: int) -> Iterator[list[str]]:
    """Paragraphs, wrapped unless they are code; facts that follow each other are one."""
    for fact, found in groupby(zip(blocks, lines, strict=True), key=lambda pair: pair[0].kind == "fact"):
        wrapped = [_wrap(line, 0 if block.kind == "code" else wrap) for block, line in found if line]
        yield from [wrapped] if fact else ([line] for line in wrapped)


def as_html(blocks: Sequence[Block], link: Link, look: Look, subject: str) -> str:
    """The letter as HTML."""
    layouts: dict[str, Callable[..., str]] = service_html.LAYOUTS | person_html.LAYOUTS | picture_html.LAYOUTS
    return layouts[look.html](blocks, link, look, escape(subject))


def _plain(block: Block, link: Link, form: str) -> str:
    if block.kind in LINKS:
        target = link(block.target or "home")
        return form.format(block.text, target) if block.text else target
    if block.kind == "hidden":
        return ""
    if block.kind == "fact":
        return f"{block.text}: {block.target}"
    if block.kind == "quote":
        return "\n".join("> " + line for line in textwrap.fill(block.text, 70).splitlines())
    if block.kind == "signature":
        return f"-- \n{block.text}"
    if block.kind == "heading":
        return block.text.upper() if len(block.text) < 40 else block.text
    return block.text


def _wrap(text: str, width: int) -> str:
    if not width or "://" in text or text.startswith((">", "-- ")):
        return text
    return "\n".join(textwrap.fill(line, width) for line in text.splitlines())
