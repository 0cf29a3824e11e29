"""What styles make of text: seen, or kept from the reader."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

Attributes = dict[str, str | None]
Declarations = dict[str, str]
Sheet = Mapping[str, Declarations]
"""What rules say, by their selector: `tag`, `.class` or `#id`."""

WHITE = "#ffffff"
_TRANSPARENT = "transparent"
_STYLE_CHARACTERS = 2_000
_SHEET_CHARACTERS = 200_000
_RULES = 5_000
_BRACE = re.compile(r"([{}])")
_SIMPLE = re.compile(r"[a-z][a-z0-9]*|[.#][a-z_][\w-]*", re.IGNORECASE)
_SIZE = re.compile(r"(?<![\w.#])(\d*\.?\d+)\s*(px|pt|em|ex|%|[a-z]{2,4})?", re.IGNORECASE)
_LENGTH = re.compile(r"-?\d*\.?\d+")
_LONG = re.compile(r"#?([0-9a-f]{6})")
_SHORT = re.compile(r"#[0-9a-f]{3}")
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\s*(?:[,/]\s*([\d.]+%?)\s*)?\)")
_NAMES = {"white": WHITE, "black": "#000000"}
_AS_ABOVE = frozenset(("", "inherit", "initial", "unset", "none", _TRANSPARENT))
_BOX = ("max-height", "height", "max-width", "width")
_SETS = frozenset(("style", "class", "id", "hidden", "bgcolor", "color", "background", "size"))


class Look(NamedTuple):
    """How an element shows text, which those inside it take over.

    `gone`: nothing inside is ever seen. `tiny`: letters have no size until an element inside gives them one, as columns
    of newsletters do. `colour` and `background` are #rrggbb, empty where they are not known.
    """

    gone: bool = False
    tiny: bool = False
    colour: str = ""
    background: str = WHITE

    @property
    def hides(self) -> bool:
        """Whether text right inside is kept from the reader."""
        return self.gone or self.tiny or (self.colour != "" and self.colour in (self.background, _TRANSPARENT))


def on_screens(attributes: Attributes) -> bool:
    """Whether a style element holds wherever mail is read, not in print or in a language of its own."""
    media, kind = ((attributes.get(name) or "").strip().lower() for name in ("media", "type"))
    return media in ("", "all", "screen") and kind in ("", "text/css")


def sheet_of(css: str) -> Sheet:
    """Rules of style elements that hold on any screen and name a single tag, class or id."""
    rules: dict[str, Declarations] = {}
    open_rules: list[str] = []  # selectors, outermost first
    pieces = _BRACE.split(_without_comments(css[:_SHEET_CHARACTERS]), maxsplit=2 * _RULES)
    for text, brace in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
        if brace == "{":
            open_rules.append(text.rpartition(";")[2].strip().lower())
        elif open_rules:
            selectors = open_rules.pop()
            if not open_rules and not selectors.startswith("@"):
                _add(rules, selectors, _declarations(text))
    return rules


def _without_comments(css: str) -> str:
    first, *others = css.split("/*")
    css = " ".join([first, *(piece.partition("*/")[2] for piece in others)])
    return css.replace("<!--", " ").replace("-->", " ")


def _add(rules: dict[str, Declarations], selectors: str, declared: Declarations) -> None:
    for selector in selectors[:_STYLE_CHARACTERS].split(","):
        if _SIMPLE.fullmatch(selector.strip()):
            rules.setdefault(selector.strip(), {}).update(declared)


def styled(look: Look, tag: str, attributes: Attributes, sheet: Sheet) -> Look:
    """What becomes of `look` in an element: by its own style before rules about its id, its classes and its tag."""
    if tag == "a":
        look = look._replace(colour="")  # links have a colour of their own
    if tag not in sheet and _SETS.isdisjoint(attributes):
        return look
    declared = dict(sheet.get(tag, ()))
    for name in (attributes.get("class") or "").lower().split()[:20]:
        declared.update(sheet.get(f".{name}", ()))
    if attributes.get("id"):
        declared.update(sheet.get(f"#{attributes['id']}".lower(), ()))
    if style := attributes.get("style"):
        declared.update(_declarations(style))
    return Look(
        gone=look.gone or "hidden" in attributes or _gone(declared),
        tiny=_tiny(look.tiny, declared, tag == "font" and bool(attributes.get("size"))),
        colour=_text_colour(look.colour, declared.get("color") or attributes.get("color") or ""),
        background=_background(look.background, declared, attributes),
    )


def _declarations(style: str) -> Declarations:
    """Properties by name; the last one counts, its place too."""
    found: Declarations = {}
    for item in style[:_STYLE_CHARACTERS].split(";"):
        name, colon, value = item.partition(":")
        if colon:
            name = name.strip().lower()
            found.pop(name, None)
            found[name] = value.partition("!")[0].strip().lower()
    return found


def _gone(declared: Declarations) -> bool:
    if declared.get("display") == "none" or declared.get("visibility") in ("hidden", "collapse"):
        return True
    if _number(declared.get("opacity", "1")) == 0 or (_number(declared.get("text-indent", "0")) or 0) <= -100:
        return True
    if "hidden" in declared.get("overflow", "") and any(_number(declared.get(side, "1")) == 0 for side in _BOX):
        return True
    return any((_number(declared.get(side, "0")) or 0) <= -1000 for side in ("left", "top"))


def _number(value: str) -> float | None:
    match = _LENGTH.match(value)
    return float(match.group()) if match else None


def _tiny(tiny: bool, declared: Declarations, sized: bool) -> bool:
    """Letters of at most a pixel; a size in shares of what is above makes tiny letters no larger."""
    if sized:
        tiny = False
    if "font" in declared:
        tiny = _tiny_by(tiny, declared["font"], shorthand=True)
    if "font-size" in declared:
        tiny = _tiny_by(tiny, declared["font-size"])
    return tiny


def _tiny_by(tiny: bool, value: str, shorthand: bool = False) -> bool:
    # In the shorthand a number without a unit is a weight, unless it is nothing at all.
    sizes = [(float(number), unit) for number, unit in _SIZE.findall(value) if unit or float(number) == 0]
    if not sizes:
        number = None if shorthand else _number(value)
        relative = shorthand or value in _AS_ABOVE or value in ("larger", "smaller")
        return tiny if relative else number is not None and number <= 1
    number, unit = sizes[0]
    if unit in ("em", "ex", "%"):
        return tiny or number <= (10 if unit == "%" else 0.1)
    return number <= (0.1 if unit == "rem" else 1)


def _text_colour(colour: str, value: str) -> str:
    value = value.lower().strip()
    if value == _TRANSPARENT:
        return _TRANSPARENT
    return colour if value in _AS_ABOVE else _hex(value)


def _background(background: str, declared: Declarations, attributes: Attributes) -> str:
    """The colour that text stands on; a picture or a gradient may be any."""
    values = [value for name, value in declared.items() if name in ("background", "background-color")]
    if any("(" in value and not value.startswith("rgb") for value in (*values, declared.get("background-image", ""))):
        return ""
    if attributes.get("background"):
        return ""
    value = values[-1] if values else (attributes.get("bgcolor") or "").lower().strip()
    first = value if value.startswith("rgb") else value.partition(" ")[0]
    return background if first in _AS_ABOVE else _hex(first)


def _hex(colour: str) -> str:
    """A colour as #rrggbb, `transparent`, or empty where it is something else."""
    colour = _NAMES.get(colour, colour)
    if _SHORT.fullmatch(colour):
        return "#" + "".join(digit * 2 for digit in colour[1:])
    if match := _RGB.fullmatch(colour):
        if match.group(4) is not None and _number(match.group(4)) == 0:
            return _TRANSPARENT
        return "#" + "".join(f"{min(255, int(part)):02x}" for part in match.groups()[:3])
    long = _LONG.fullmatch(colour)
    return f"#{long.group(1)}" if long else ""
