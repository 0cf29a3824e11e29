"""Whether an element's own style keeps its text from the reader."""

from __future__ import annotations

import re

Attributes = dict[str, str | None]

_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|opacity\s*:\s*0(?:\.0+)?(?![.\d])"
    r"|font-size\s*:\s*(?:0*1|0*(?:\.\d{1,3})?)(?:px|pt|em|rem|%)?\s*(?:;|!|$)|max-height\s*:\s*0(?![.\d])"
    r"|text-indent\s*:\s*-\d{3,}|(?:left|top)\s*:\s*-\d{4,}",
    re.IGNORECASE,
)
_COLOUR = re.compile(r"(?<![-\w])(color|background(?:-color)?)\s*:\s*([#\w]+)", re.IGNORECASE)
_LONG = re.compile(r"#[0-9a-f]{6}")
_SHORT = re.compile(r"#[0-9a-f]{3}")
_STYLE_CHARACTERS = 600
_NAMES = {"white": "#ffffff", "black": "#000000"}


def concealed(attributes: Attributes, background: str) -> tuple[bool, str]:
    """Whether the element hides its text, and the background colour (#rrggbb) its children stand on."""
    style = (attributes.get("style") or "")[:_STYLE_CHARACTERS]
    colours = {name.lower()[:10]: value.lower() for name, value in _COLOUR.findall(style)} if style else {}
    background = _hex(colours.get("background") or (attributes.get("bgcolor") or "").lower()) or background
    colour = _hex(colours.get("color") or (attributes.get("color") or "").lower())
    hidden = "hidden" in attributes or colour == background or bool(style and _HIDING.search(style))
    return hidden, background


def _hex(colour: str) -> str:
    """A colour as #rrggbb, empty where it is something else."""
    colour = _NAMES.get(colour, colour)
    if _SHORT.fullmatch(colour):
        return "#" + "".join(digit * 2 for digit in colour[1:])
    return colour if _LONG.fullmatch(colour) else ""
