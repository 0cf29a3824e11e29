"""What pictures that travel with a message are to it: its content, with words beside them that have nothing to say.

A picture that is the whole offer, above a page of somebody's novel, passes whoever reads words only. Honest mail
carries pictures too: a logo below a signature, photographs from the holidays. Where the picture stands, whether the
words speak of the subject, and whether plain text and HTML say the same tells them apart.
"""

from __future__ import annotations

import re
from math import log1p

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message, Part
from seg_ml.features.catalogue import feature
from seg_ml.signatures.intents import words_of

_PICTURE = re.compile(r"<img\b", re.IGNORECASE)
_CLICKABLE = re.compile(
    r"<a\b[^<>]{0,2000}>[^<]{0,200}(?:<(?!/a|img)[^<>]{0,500}>[^<]{0,200}){0,3}<img\b", re.IGNORECASE
)
_UNSHOWN = re.compile(r"<(?:style|script|title|!--)[^<]*|<[^<>]*>?|&\w{1,10};", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{3,}")
_CHARACTERS, _WORDS, _LEAST = 20_000, 400, 4


@feature(
    "picture",
    version=1,
    names=(
        "embedded",
        "embedded_size",
        "leads",
        "words_below",
        "clickable",
        "alternatives_differ",
        "subject_told",
    ),
    rising="alternatives_differ",
    falling="subject_told",
)
class Picture:
    """`embedded` pictures and `embedded_size` in kB as log1p; flags `leads` (above all words) and `clickable`.

    `words_below`: visible words below the first picture, as log1p. `alternatives_differ`: share in [0, 1] of the words
    of the plain text that the HTML does not show, 0 where there are not both. `subject_told`: share in [0, 1] of the
    subject's words that the text says as well, 0 without a subject.
    """

    def extract(self, request: ScoreRequest, message: Message) -> dict[str, float]:
        """One value per name."""
        pictures = [part for part in message.parts if part.content_type.startswith("image/")]
        html = "".join(part.text[:_CHARACTERS] for part in _texts(message, "text/html") if part.text)[:_CHARACTERS]
        told = set(_long(message.text))
        above, below = _around(html)
        return {
            "embedded": log1p(len(pictures)),
            "embedded_size": log1p(sum(len(part.content) for part in pictures) / 1000),
            "leads": float(below is not None and not _WORD.search(above)),
            "words_below": log1p(len(_WORD.findall(below or ""))),
            "clickable": float(bool(_CLICKABLE.search(html))),
            "alternatives_differ": _unsaid(message, told) if html else 0.0,
            "subject_told": _share_in(_long(message.subject), told),
        }


def _texts(message: Message, content_type: str) -> list[Part]:
    return [part for part in message.parts if part.content_type == content_type and not part.is_attachment]


def _around(html: str) -> tuple[str, str | None]:
    """What is shown above the first picture and below it; nothing is below where there is none."""
    found = _PICTURE.search(html)
    if not found:
        return _UNSHOWN.sub(" ", html), None
    return _UNSHOWN.sub(" ", html[: found.start()]), _UNSHOWN.sub(" ", html[found.start() :])


def _unsaid(message: Message, told: set[str]) -> float:
    plain = [word for part in _texts(message, "text/plain") for word in _long(part.text or "")]
    return 1.0 - _share_in(plain, told) if plain else 0.0


def _long(text: str) -> list[str]:
    return [word for word in words_of(text[:_CHARACTERS])[:_WORDS] if len(word) >= _LEAST]


def _share_in(words: list[str], told: set[str]) -> float:
    distinct = set(words)
    return len(distinct & told) / len(distinct) if distinct else 0.0
