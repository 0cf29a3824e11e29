"""The text a model reads of a message: what its recipient would, with what only tells the corpus masked."""

from __future__ import annotations

import re
import unicodedata

from seg_ml.domain.message import Message
from seg_ml.mail.quotes import author_text, says

READING_VERSION = 4

_URL = re.compile(r"(?:https?://|\bwww\.)[^\s<>\"']{1,2000}", re.IGNORECASE)
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_YEAR = re.compile(r"\b(?:19[89]\d|20[0-4]\d)\b")
_LONG_NUMBER = re.compile(r"\d{5,}")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
)
_RULE = re.compile(r"([-=_*~#.>+])\1{3,}")
_LIST_MARK = re.compile(r"^\s*((?:re|fwd?|aw|wg)\s*:\s*)?\[[^\]\n]{1,40}\]\s*", re.IGNORECASE)
_MARKS = re.compile(
    r"\s*(?:(?:re|fwd?|fw|aw|wg|antw|rif|res|enc|tr|sv|vs|odp)\s{0,8}(?:\[\d{1,3}\]\s{0,8})?:\s*|\[[^\]\n]{1,40}\]\s*){1,8}",
    re.IGNORECASE,
)
_LIST_FOOTER = re.compile(r"\n_{20,}\n[^\0]{0,600}?mailing list[^\0]{0,600}\Z", re.IGNORECASE)
_SENTENCE = 12


def clean(text: str) -> str:
    """NFKC, without characters that have no width."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))


def mask(text: str) -> str:
    """URLs, addresses, years and long numbers as words of their own; drawn lines shortened."""
    text = _URL.sub(" <url> ", text)
    text = _ADDRESS.sub(" <address> ", text)
    text = _YEAR.sub("<year>", text)
    return _RULE.sub(r"\1\1\1", _LONG_NUMBER.sub("<number>", text))


def subject_of(message: Message) -> str:
    """The subject without a mailing list's mark, which tells the list and not the message."""
    return _LIST_MARK.sub(lambda match: match.group(1) or "", clean(message.subject))


def matter_of(message: Message) -> str:
    """The subject without what says that a message answers or passes on another, which anybody can write."""
    subject = clean(message.subject)
    marks = _MARKS.match(subject)
    return subject[marks.end() :] if marks else subject


def body_of(message: Message) -> tuple[str, str]:
    """What the author says and what he quotes, without the footer that list software appends."""
    own = author_text(message)
    quoted = message.quoted_text if own is not message.text else ""
    return _LIST_FOOTER.sub("\n", clean(own)), _LIST_FOOTER.sub("\n", clean(quoted))


def reading_text(message: Message, characters: int = 4_000) -> str:
    """Subject, author's name and visible body for a transformer, masked; at most `characters` of the body.

    Where the author says a sentence of his own, that is all; what he quotes follows where he says less. The subject is
    read without `Re:` and its kin.
    """
    name = message.author.display_name
    own, quoted = body_of(message)
    body = own if says(own, _SENTENCE) or not quoted else f"{own}\n{quoted}"
    return mask(f"{matter_of(message)}\n{clean(name)}\n{body[:characters]}")
