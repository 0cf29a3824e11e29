"""A guess at the language of a text from its commonest words: for slices in a report, not for decisions."""

from __future__ import annotations

import re

_COMMON = {
    "de": "der die das und nicht sie ist ich mit für auf den von ein eine zu wir ihre bei haben werden",
    "en": "the and to of is you for that this with your are have from not on be it we will",
    "es": "el los las una por con para que está su más como pero usted nuestro del y en este",
    "fr": "le les des et est vous pour dans une votre nous que pas avec sur ce vos cette être",
    "it": "il gli che di per non una con è della sono questo nel alla più come anche suo",
    "nl": "het een van en niet dat op voor met zijn je uw wij aan ook wordt naar deze",
    "pt": "você não uma para com os por mais sua seu em que do da as seus está foi este",
}
_WORDS = {language: frozenset(words.split()) for language, words in _COMMON.items()}
_LETTERS = re.compile(r"[^\W\d_]+")

LANGUAGES = tuple(sorted(_WORDS))
EVIDENCE = 3
READ_CHARACTERS = 20_000


def language(text: str) -> str | None:
    """Two-letter code of the likeliest of `LANGUAGES`; `None` with fewer than `EVIDENCE` of its words, or a tie."""
    found = _LETTERS.findall(text[:READ_CHARACTERS].lower())
    hits = sorted(((sum(word in words for word in found), code) for code, words in _WORDS.items()), reverse=True)
    (most, code), (second, _) = hits[:2]
    return code if most >= EVIDENCE and most > second else None
