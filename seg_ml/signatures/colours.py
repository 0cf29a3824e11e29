"""Colours and declarations of CSS, as far as it takes to tell dark from light."""

from __future__ import annotations

import re

MAX_CLASSES = 200

_HEX = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})(?![0-9a-z])", re.IGNORECASE)
_RGB = re.compile(r"rgba?\(\s{0,5}(\d{1,3})[\s,]{1,5}(\d{1,3})[\s,]{1,5}(\d{1,3})", re.IGNORECASE)
_RULE = re.compile(r"(\.[\w-]{1,40}|(?<![\w.#-])[a-z]{1,4})\s{0,5}\{([^{}]{1,500})\}", re.IGNORECASE)
_DECLARATION = re.compile(r"([a-z-]{1,40})\s{0,5}:\s{0,5}([^;{}!]{1,300})", re.IGNORECASE)
_DARK_NAMES = frozenset("black navy midnightblue darkblue darkslategray darkgreen maroon indigo purple dimgray".split())


def is_dark(colour: str) -> bool:
    """Whether a colour of CSS is nearer to black than to white; what is not understood is light."""
    colour = colour.strip().lower()
    if colour in _DARK_NAMES:
        return True
    mixed, digits = _RGB.match(colour), _HEX.match(colour)
    if mixed:
        red, green, blue = (int(part) for part in mixed.groups())
    elif digits:
        text = digits.group(1) if len(digits.group(1)) == 6 else "".join(digit * 2 for digit in digits.group(1))
        red, green, blue = bytes.fromhex(text)
    else:
        return False
    return 299 * red + 587 * green + 114 * blue < 128_000  # ITU-R BT.601


def declarations(style: str) -> dict[str, str]:
    """Properties of a style, names in lower case; the last one of a name stands."""
    return {name.lower(): value.strip() for name, value in _DECLARATION.findall(style[:2000])}


def rules(page: str) -> dict[str, dict[str, str]]:
    """Declarations by class (`name`) and by short tag (`<name`) of the style sheets of a page; the last rule stands."""
    found: dict[str, dict[str, str]] = {}
    for name, body in _RULE.findall(page) if "{" in page else ():
        if len(found) < MAX_CLASSES:
            found.setdefault(name[1:] if name[0] == "." else f"<{name.lower()}", {}).update(declarations(body))
    return found


def class_colours(page: str, attribute: str) -> dict[str, str]:
    """The value of one property by class."""
    return {name: facts[attribute] for name, facts in rules(page).items() if attribute in facts}
