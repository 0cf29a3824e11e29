"""Prose in an HTML part that is meant for programs alone: comments, attributes, elements that are never shown."""

from __future__ import annotations

import re

from seg_ml.domain.message import Aside
from seg_ml.mail.limits import Limits
from seg_ml.mail.style import Attributes

MIN_WORDS = 3
"""Fewer say nothing to anybody."""

_TOLD = frozenset(
    "alt title aria-label aria-description aria-placeholder placeholder content summary label value".split()
)
_CODE = frozenset({"script", "style"})
_NOTE = re.compile(r"/\*([^*]*(?:\*(?!/)[^*]*)*)")  # a comment of style sheets and scripts, closed or not
_TAG = re.compile(r"</?[\w:]{1,20}(?: [\w:-]{1,20}=(?:\"[^\"]{0,300}\"|'[^']{0,300}')){0,20} ?/?>")


class Asides:
    """What was found in one part, each text once, until there is as much as of visible text would be read."""

    def __init__(self, limits: Limits) -> None:
        self.found: list[Aside] = []
        self._left = limits.text_characters
        self._known: set[str] = set()

    def comment(self, text: str) -> None:
        """A comment without its tags: what Outlook alone shows counts, its tables do not."""
        self._add("a comment", _TAG.sub(" ", text) if "<" in text else text)

    def unseen(self, tag: str, text: str) -> None:
        """Text of an element that is never shown; of style sheets and scripts their comments."""
        if tag not in _CODE:
            self._add(f"<{tag}>, which is never shown", text)
        elif "/*" in text:
            for note in _NOTE.findall(text):
                self._add(f"a comment in <{tag}>", note)

    def element(self, tag: str, attributes: Attributes) -> None:
        """Attributes that describe an element to those who do not see it."""
        for name, value in attributes.items():
            if value and name in _TOLD:
                self._add(f"the {name} of <{tag}>", value)

    def _add(self, place: str, text: str) -> None:
        words = text[: self._left].split()
        if len(words) < MIN_WORDS:
            return
        text = " ".join(words)
        if text not in self._known:
            self._known.add(text)
            self._left -= len(text)
            self.found.append(Aside(place, text))
