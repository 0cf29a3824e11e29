"""HTML as people's mail programs write it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING

from seg_ml.corpora.modern.frames import frame, lines, piece
from seg_ml.corpora.modern.letters import Block
from seg_ml.corpora.modern.senders import Link

if TYPE_CHECKING:
    from seg_ml.corpora.modern.layout import Look


_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")


def _shown(block: Block, link: Link, look: Look) -> str:
    if block.kind in ("button", "link", "footer-link", "image"):
        target = link(block.target or "home")
        return f'<a href="{escape(target)}">{lines(block.text) or escape(target)}</a>'
    if block.kind == "fact":
        return f"{lines(block.text)}: {lines(block.target)}"
    if block.kind == "signature" and look.contact:
        return _ADDRESS.sub(lambda match: f'<a href="mailto:{match.group()}">{match.group()}</a>', lines(block.text))
    return lines(block.text)


def gmail(blocks: Sequence[Block], link: Link, look: Look, subject: str) -> str:
    """Gmail on the web."""
    own = [block for block in blocks if block.kind not in ("quote", "wrote")]
    body = "<div><br></div>".join(f"<div>{_shown(block, link, look)}</div>" for block in own)
    quoted = "".join(
        f'<div dir="ltr" class="gmail_attr">{lines(block.text)}<br></div>'
        if block.kind == "wrote"
        else piece("gmail-quote", shown=lines(block.text))
        for block in blocks
        if block.kind in ("quote", "wrote")
    )
    return f'<div dir="ltr">{body}</div>' + (f'<br><div class="gmail_quote">{quoted}</div>' if quoted else "") + "\n"


def outlook(blocks: Sequence[Block], link: Link, look: Look, subject: str) -> str:
    """Outlook on Windows."""
    body = "\n".join(
        f"<p class=MsoNormal>{_shown(block, link, look)}<o:p></o:p></p>\n<p class=MsoNormal><o:p>&nbsp;</o:p></p>"
        for block in blocks
    )
    return frame("outlook", body=body)


def apple(blocks: Sequence[Block], link: Link, look: Look, subject: str) -> str:
    """Apple Mail, and the phones."""
    body = "<div><br></div>".join(
        f'<blockquote type="cite">{lines(block.text)}</blockquote>'
        if block.kind == "quote"
        else f"<div>{_shown(block, link, look)}</div>"
        for block in blocks
    )
    return (
        '<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head>'
        f'<body dir="auto" style="word-wrap: break-word; -webkit-nbsp-mode: space;">{body}</body></html>\n'
    )


LAYOUTS: dict[str, Callable[..., str]] = {"gmail": gmail, "outlook": outlook, "apple": apple}
