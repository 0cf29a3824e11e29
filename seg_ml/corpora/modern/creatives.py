"""Advertising whose words are in a picture: how networks of affiliates send it, and some shops to their customers."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from seg_ml.corpora.modern.articles import articles
from seg_ml.corpora.modern.chance import seeded
from seg_ml.corpora.modern.drafts import Draft
from seg_ml.corpora.modern.grammar import expand
from seg_ml.corpora.modern.letters import Block
from seg_ml.corpora.modern.pages import PICTURES, contact
from seg_ml.corpora.modern.picture_html import PICTURE
from seg_ml.corpora.modern.senders import Link, hexadecimal, token
from seg_ml.corpora.modern.values import Values

_CLICKS = (
    "{host}/{word}/{token}",
    "{host}/?{token}",
    "{host}/{word}?s={token}&e={hash}&m={number}",
    "{host}/{hash}.php?id={token}",
    "track.{host}/aff_c?offer_id={number}&aff_id={number}&aff_sub={hash}",
    "go.{host}/?a={number}&c={number}&s1={hash}&s2={token}",
    "{host}/{token}/{token}",
    "{host}/{number}/{hash}/{word}/{token}",
)
_PICTURES = (
    "{host}/{token}.jpg",
    "{host}/img/{number}.png",
    "i.imgur.com/{word}{number}.png",
    "firebasestorage.googleapis.com/v0/b/{word}/o/{hash}.png?alt=media",
    "{host}/{word}/{hash}.gif",
)
_FILLERS = 2


def counted_links(random: Random, domain: str) -> Link:
    """Links of which every one leads to the sender's own domain and says who clicked, in one form a message."""
    host = random.choice([domain, domain, f"www.{domain}", f"{hexadecimal(random, 4)}.{domain}"])
    click, shown = random.choice(_CLICKS), random.choice(_PICTURES)
    scheme = random.choices(["http", "https"], [55, 45])[0]
    drawn = seeded(f"{random.random()}/counted")

    def link(role: str) -> str:
        if role == "contact":
            return contact(drawn, domain)
        pattern = shown if role in PICTURES else click
        return f"{scheme}://" + pattern.format(
            host=host,
            word="".join(drawn.choices("abcdefghijklmnopqrstuvwxyz", k=drawn.randint(1, 8))),
            token=token(drawn, 20, 120),
            hash=hexadecimal(drawn, drawn.choice([8, 16, 32])),
            number=drawn.randint(10, 99_999),
        )

    return link


def pictured(draft: Draft, random: Random, bare: float, filler: float) -> Draft:
    """The draft as a picture that is a link; in the share `bare` without words beside it, with hidden ones in `filler`.

    Hidden words are those of an honest newsletter, for filters to read.
    """
    look = replace(draft.written.look, html=PICTURE, text=random.random() >= bare)
    blocks = draft.written.blocks
    if random.random() < filler:
        value = Values(random, draft.company, draft.written.recipient, draft.person, draft.written.moment)
        found = [expand(line, random, value) for piece in articles(draft.language, _FILLERS, random) for line in piece]
        blocks = (*blocks, Block("hidden", " ".join(found)))
    return replace(draft, written=replace(draft.written, look=look, blocks=blocks))
