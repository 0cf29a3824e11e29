"""What a reader sees of an HTML part, and what it carries besides."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import IntEnum

from selectolax.lexbor import LexborHTMLParser, LexborNode

from seg_ml.domain.message import Aside, HtmlFacts, Link
from seg_ml.mail.asides import Asides
from seg_ml.mail.limits import Limits
from seg_ml.mail.quotes import quotes
from seg_ml.mail.style import Attributes, Look, Sheet, on_screens, sheet_of, styled

_BLOCKS = frozenset(
    "address article aside blockquote br center dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 header hr li "
    "main nav ol option p pre section table td th tr ul".split()
)
_UNSEEN = frozenset("script style head title noscript template meta link object embed iframe".split())
_COUNTED = {"form": "forms", "script": "scripts", "style": "styles", "table": "tables", "img": "images"}
# Elements that cannot pile up: void ones, and those that the next of their kind closes (HTML §13.2.6.4.7).
_FLAT = frozenset(
    "area base br col embed hr img input link meta source track wbr "
    "p li dt dd option tr td th tbody thead tfoot".split()
)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
_SPACES = re.compile(r"[ \t\r\f\v\u00a0]+")


class Sight(IntEnum):
    """How a reader meets text: seen, carried unseen, or no text at all (scripts, styles)."""

    SEEN = 0
    HIDDEN = 1
    MACHINE = 2


@dataclass(slots=True)
class HtmlView:
    """An HTML part as shown: `text` visible, `hidden` carried but not shown, `links` in order.

    `own` is the visible text outside of elements that quote, `quoted` that inside of them.
    `asides` are the prose of comments, of attributes and of elements that are never shown.
    """

    text: str = ""
    own: str = ""
    quoted: str = ""
    hidden: str = ""
    links: list[Link] = field(default_factory=list)
    asides: list[Aside] = field(default_factory=list)
    facts: HtmlFacts = field(default_factory=HtmlFacts)
    truncated: bool = False


@dataclass(slots=True)
class _Anchor:
    """Closes an `<a>`: its text is what became visible since `start`."""

    target: str
    start: int


def read_html(source: str, limits: Limits) -> HtmlView:
    """Read one HTML part. Never raises; what is beyond the limits is left out and `truncated` set."""
    reader = _Reader(limits)
    shallow = _shallow(source[: limits.html_characters].replace("\0", ""), limits.html_depth)
    root = LexborHTMLParser(shallow).root
    if root is not None:
        reader.walk(root)
        reader.outside(root)
    return HtmlView(
        text=_tidy(reader.text[Sight.SEEN]),
        own=_tidy(reader.said[False]),
        quoted=_tidy(reader.said[True]),
        hidden=_tidy(reader.text[Sight.HIDDEN]),
        links=reader.links,
        asides=reader.asides.found,
        facts=HtmlFacts(characters=len(source), elements=reader.seen, **reader.counts),
        truncated=len(shallow) < len(source) or reader.seen >= limits.html_nodes,
    )


class _Reader:
    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.text: dict[Sight, list[str]] = {sight: [] for sight in Sight}
        self.said: dict[bool, list[str]] = {False: [], True: []}  # what is seen: the author's own, and quoted
        self.links: list[Link] = []
        self.asides = Asides(limits)
        self.counts: dict[str, int] = {}
        self.seen = 0
        self.sheet: Sheet = {}

    def walk(self, root: LexborNode) -> None:
        """Depth first with a stack of our own: depth is the sender's choice, recursion would be his weapon."""
        self.sheet = sheet_of(
            "".join(style.text(deep=True) for style in root.css("style") if on_screens(style.attributes))
        )
        stack: list[_Anchor | tuple[LexborNode, bool, Look, bool]] = [(root, False, Look(), False)]
        while stack and self.seen < self.limits.html_nodes:
            item = stack.pop()
            if isinstance(item, _Anchor):
                self._link(item.target, "".join(self.text[Sight.SEEN][item.start :]), "anchor")
                continue
            node, machine, look, quoted = item
            self.seen += 1
            if node.is_text_node:
                self._text(node, _sight(machine, look), quoted)
            elif node.is_comment_node:
                self.asides.comment(node.comment_content or "")
            elif node.is_element_node and node.tag:
                attributes = node.attributes
                quoted = quoted or quotes(node.tag, attributes)
                below = (*self._enter(node.tag, attributes, machine, look, quoted), quoted)
                if node.tag == "a" and attributes.get("href"):
                    stack.append(_Anchor(attributes["href"] or "", len(self.text[Sight.SEEN])))
                child = node.last_child
                while child is not None:
                    stack.append((child, *below))
                    child = child.prev

    def outside(self, root: LexborNode) -> None:
        """Comments before and behind the root, which no walk from it meets; they count as no elements."""
        for first, step in ((root.prev, "prev"), (root.next, "next")):
            node, left = first, self.limits.html_nodes
            while node is not None and left:
                if node.is_comment_node:
                    self.asides.comment(node.comment_content or "")
                node, left = getattr(node, step), left - 1

    def _text(self, node: LexborNode, sight: Sight, quoted: bool) -> None:
        text = node.text_content or ""
        self._show(text, sight, quoted)
        if sight is Sight.HIDDEN and not text.isspace():
            self._count("hidden_elements")
        if sight is Sight.MACHINE:
            self.asides.unseen(node.parent.tag or "" if node.parent is not None else "", text)

    def _show(self, text: str, sight: Sight, quoted: bool) -> None:
        self.text[sight].append(text)
        if sight is Sight.SEEN:
            self.said[quoted].append(text)

    def _enter(self, tag: str, attributes: Attributes, machine: bool, look: Look, quoted: bool) -> tuple[bool, Look]:
        self._record(tag, attributes)
        if tag in _BLOCKS:
            self._show("\n", _sight(machine, look), quoted)
        if machine or tag in _UNSEEN:
            return True, look
        return False, styled(look, tag, attributes, self.sheet)

    def _record(self, tag: str, attributes: Attributes) -> None:
        if tag in _COUNTED:
            self._count(_COUNTED[tag])
        if tag == "img" and (attributes.get("src") or "")[:4].lower() == "http":
            self._count("remote_images")
            self._link(attributes["src"], attributes.get("alt") or "", "image")
        elif tag == "form":
            self._link(attributes.get("action"), "", "form")
        elif tag == "area":
            self._link(attributes.get("href"), attributes.get("alt") or "", "area")
        elif tag == "input" and (attributes.get("type") or "").lower() == "password":
            self._count("password_inputs")
        elif tag == "meta" and (attributes.get("http-equiv") or "").lower() == "refresh":
            self._count("meta_refresh")
        if any(name.startswith("on") for name in attributes):
            self._count("event_handlers")
        if attributes:
            self.asides.element(tag, attributes)

    def _count(self, name: str) -> None:
        self.counts[name] = self.counts.get(name, 0) + 1

    def _link(self, target: str | None, text: str, kind: str) -> None:
        if target and len(self.links) < self.limits.links:
            self.links.append(Link(target.strip()[:4096], " ".join(text[:2000].split())[:500], kind))


def _sight(machine: bool, look: Look) -> Sight:
    return Sight.MACHINE if machine else Sight.HIDDEN if look.hides else Sight.SEEN


def _shallow(source: str, depth: int) -> str:
    """Cut where elements nest too deep: the parser's time grows with the square of the depth."""
    level = 0
    for match in _TAG.finditer(source):
        if match.group(2).lower() in _FLAT:
            continue
        level = max(0, level - 1) if match.group(1) else level + 1
        if level > depth:
            return source[: match.start()]
    return source


def _tidy(chunks: list[str]) -> str:
    lines = (_SPACES.sub(" ", line).strip() for line in "".join(chunks).split("\n"))
    return "\n".join(line for line in lines if line)
