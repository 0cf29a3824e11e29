"""HTML as shops, services and newsletters send it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING

from seg_ml.corpora.modern.frames import frame, lines, piece
from seg_ml.corpora.modern.letters import Block
from seg_ml.corpora.modern.senders import Link

if TYPE_CHECKING:
    from seg_ml.corpora.modern.layout import Look

_FONT = "font-family:Arial,Helvetica,sans-serif"
_PADDING = "&#847; &zwnj; &nbsp; " * 12
_LINKED = frozenset({"button", "link", "footer-link", "image"})


def table(blocks: Sequence[Block], link: Link, look: Look, subject: str) -> str:
    """Nested tables, 600 pixels wide, with what old Outlooks need."""
    return _page("table", blocks, link, look, subject, f"{_FONT};font-size:15px;line-height:22px;color:#333333")


def card(blocks: Sequence[Block], link: Link, look: Look, subject: str) -> str:
    """A white card on grey, as services of the web write it."""
    return _page("card", blocks, link, look, subject, "font-size:16px;line-height:1.5;color:#24292e")


def bare(blocks: Sequence[Block], link: Link, look: Look, subject: str) -> str:
    """Hardly any layout, as small web applications send it."""
    return _page("bare", blocks, link, look, subject, "margin:0 0 1em")


def rows(blocks: Sequence[Block], link: Link, look: Look, subject: str) -> str:
    """One row per piece under a coloured band, as builders of newsletters make it."""
    style = f"{_FONT};font-size:14px;line-height:20px;color:#202020"
    return _page("rows", blocks, link, look, subject, style, in_rows=True)


def _page(
    name: str, blocks: Sequence[Block], link: Link, look: Look, subject: str, style: str, in_rows: bool = False
) -> str:
    shown: dict[bool, list[str]] = {False: [], True: []}
    for block in blocks:
        text = _pictured(block, link, look) + _piece(block, link, look, style)
        shown[block.kind.startswith("footer")].append(piece("row", piece=text) if in_rows else text)
    return frame(
        name,
        subject=subject,
        site=escape(look.site.partition(".")[0].title()),
        colour=look.colour,
        home=escape(link("home")),
        logo=escape(link("logo")),
        preheader=_preheader(blocks, look),
        body="\n".join(shown[False]),
        footer="\n".join([*shown[True], *_below(link, look)]),
        pixel=piece("pixel", link=escape(link("pixel"))) if look.pixel else "",
    )


def _piece(block: Block, link: Link, look: Look, style: str) -> str:
    shown = lines(block.text)
    if block.kind == "link" and not shown:
        shown = f"https://www.{look.site}/{block.target}"
    return piece(
        block.kind,
        shown=shown,
        target=lines(block.target),
        link=escape(link(block.target or "home")) if block.kind in _LINKED else "",
        logo=escape(link("logo")) if block.kind == "image" else "",
        font=_FONT,
        style=style,
        colour=look.colour,
    )


def _pictured(block: Block, link: Link, look: Look) -> str:
    """The picture above a heading, or nothing."""
    if not look.pictures or block.kind != "heading":
        return ""
    return _icon(link(block.target or "article"), link("picture"), 560)


def _below(link: Link, look: Look) -> list[str]:
    """What stands at the very end: where to write to, and the networks."""
    found = []
    if look.contact:
        address = link("contact")
        found.append(f'<a href="{escape(address)}">{escape(address.removeprefix("mailto:"))}</a>')
    icons = "&nbsp;".join(_icon(link("social"), link("picture"), 24) for _ in range(look.icons))
    return [*found, f"<div>{icons}</div>"] if icons else found


def _icon(target: str, source: str, width: int) -> str:
    return f'<a href="{escape(target)}"><img src="{escape(source)}" width="{width}" border="0" alt=""></a>'


def _preheader(blocks: Sequence[Block], look: Look) -> str:
    """The line that a mailbox shows beside the subject, hidden in the letter itself."""
    if not look.preheader:
        return ""
    text = next((block.text for block in blocks[1:] if block.kind == "p"), "")[:90]
    return piece("preheader", shown=f"{escape(text)} {_PADDING}")


LAYOUTS: dict[str, Callable[..., str]] = {"table": table, "card": card, "bare": bare, "rows": rows}
