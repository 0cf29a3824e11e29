"""HTML whose words are in a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING

from seg_ml.corpora.modern.frames import frame, lines, piece
from seg_ml.corpora.modern.letters import Block
from seg_ml.corpora.modern.senders import Link

if TYPE_CHECKING:
    from seg_ml.corpora.modern.layout import Look

PICTURE = "picture"


def picture(blocks: Sequence[Block], link: Link, look: Look, subject: str) -> str:
    """The picture, what there is in words above and below it, and a picture to unsubscribe with where words lack."""
    target = next((block.target for block in blocks if block.target and block.kind == "button"), "home")
    above = next((block.text for block in blocks if block.kind in ("heading", "p")), "") if look.preheader else ""
    below = [piece(block.kind, **_values(block, link, look)) for block in blocks if block.kind.startswith("footer")]
    hidden = [piece("hidden", shown=lines(block.text)) for block in blocks if block.kind == "hidden"]
    shown = _linked(link(target), link("logo"), subject if look.wrap else "")
    return frame(
        "picture",
        subject=subject,
        above=f'<p><a href="{escape(link(target))}">{lines(above)}</a></p>' if above else "",
        picture=shown,
        below="\n".join(below) if look.text or look.wrap else _linked(link("unsubscribe"), link("logo"), ""),
        hidden="\n".join(hidden),
        pixel=piece("pixel", link=escape(link("pixel"))) if look.pixel else "",
    )


def _linked(target: str, source: str, words: str) -> str:
    return f'<a href="{escape(target)}"><img src="{escape(source)}" alt="{words}" border="0"></a>'


def _values(block: Block, link: Link, look: Look) -> dict[str, str]:
    return {
        "shown": lines(block.text),
        "link": escape(link(block.target or "unsubscribe")),
        "font": "font-family:Arial",
        "colour": look.colour,
        "style": "",
        "target": "",
        "logo": "",
    }


LAYOUTS: dict[str, Callable[..., str]] = {PICTURE: picture}
