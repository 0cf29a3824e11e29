"""Words of a message for the linear model: body and subject, links, the author, the form, the sender's program.

Each kind carries a prefix, so that a word of a link is not the same as that word in the text. Whether a
header is there is no token: names of headers alone tell one corpus from another with AUC 1.0. What a
sending program writes of itself is: the shapes of its identifiers and boundaries outlive its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise, takewhile
from urllib.parse import unquote

from seg_ml.domain.message import Message
from seg_ml.text.reading import body_of, clean, mask, subject_of

TOKENS_VERSION = 2

_WORD = re.compile(r"<[a-z]+>|[^\W_][\w'$%&-]{0,30}|[$€£!?]+|\d+%")
_URL_WORD = re.compile(r"[a-z]{3,20}|\d{1,6}")
_HOST = re.compile(r"^[a-z][a-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:]+)", re.IGNORECASE)
_SHOUT = re.compile(r"\b[A-Z]{4,20}\b")
_MAILER_WORD = re.compile(r"[a-z]{2,20}|\d{1,4}")
_BOUNDARY = re.compile(r"boundary=\"?([^\";]{1,80})", re.IGNORECASE)
_LETTERS = re.compile(r"[A-Za-z]+")
_DIGITS = re.compile(r"\d+")
_MAX_WORDS = 4_000
_MAX_LINKS = 100


def tokens(message: Message) -> list[str]:
    """Every token of a message, in order, duplicates kept; at most a few thousand. What is quoted follows its own."""
    found = [token for part in body_of(message) for token in _text_tokens("", part)]
    found += _text_tokens("s:", subject_of(message))
    found += _author_tokens(message)
    found += _link_tokens(message)
    found += _form_tokens(message)
    found += _program_tokens(message)
    return found


def lead(found: Iterable[str], words: int) -> list[str]:
    """Of what `tokens` found: the first of the author's own words, at most `words`, and every word of the subject.

    No word has a space or a colon in it: the first pair or prefix ends them. What `lead` gives, it leaves as is.
    """
    found = list(found)
    body = islice(takewhile(_is_word, found), words)
    return [*body, *(token for token in found if token.startswith("s:") and _is_word(token[2:]))]


def _is_word(token: str) -> bool:
    return " " not in token and ":" not in token


def _text_tokens(prefix: str, text: str) -> Iterator[str]:
    words = [word.lower() for word in _WORD.findall(mask(text)[:60_000])[:_MAX_WORDS]]
    for word in words:
        yield prefix + word
    for left, right in pairwise(words):
        yield f"{prefix}{left} {right}"
    for word in _SHOUT.findall(text[:60_000])[:200]:
        yield f"{prefix}caps:{word.lower()}"


def _author_tokens(message: Message) -> Iterator[str]:
    author = message.author
    for word in _WORD.findall(clean(author.display_name).lower())[:8]:
        yield f"f:{word}"
    labels = author.domain.split(".")
    if labels[-1]:
        yield f"f:tld:{labels[-1]}"
        yield f"f:domain:{'.'.join(labels[-2:])}"
    yield f"f:digits:{min(4, sum(char.isdigit() for char in author.addr_spec.partition('@')[0]))}"


def _link_tokens(message: Message) -> Iterator[str]:
    for link in message.links[:_MAX_LINKS]:
        target = unquote(link.target[:1000]).lower()
        host = _HOST.match(target)
        if host is None:
            yield f"u:{target.partition(':')[0][:12]}"
            continue
        labels = host.group(1).split(".")
        yield f"u:tld:{labels[-1]}"
        yield f"u:host:{'.'.join(labels[-2:])}"
        if labels[-1].isdigit():
            yield "u:address"
        for word in _URL_WORD.findall(target[host.end() : host.end() + 200])[:12]:
            yield f"u:{word}"


def _form_tokens(message: Message) -> Iterator[str]:
    for part in message.parts[:20]:
        yield f"t:{part.content_type}"
        if part.charset:
            yield f"t:charset:{part.charset.lower()[:30]}"
        if part.filename and "." in part.filename:
            yield f"t:extension:{part.filename.rpartition('.')[2].lower()[:10]}"
    for name, value in _html_counts(message):
        if value:
            yield f"t:{name}:{min(4, value.bit_length())}"


def _html_counts(message: Message) -> tuple[tuple[str, int], ...]:
    html = message.html
    return (
        ("images", html.remote_images),
        ("forms", html.forms),
        ("hidden", html.hidden_elements),
        ("tables", html.tables),
        ("scripts", html.scripts),
        ("links", len(message.links)),
    )


def _program_tokens(message: Message) -> Iterator[str]:
    mailer = message.header("x-mailer") or message.header("user-agent") or ""
    for word in _MAILER_WORD.findall(mailer[:200].lower())[:8]:
        yield f"h:mailer:{word}"
    left, _, host = message.message_id.strip("<>")[:200].rpartition("@")
    if left:
        yield f"h:id:{_shape(left)}"
        yield f"h:id-host:{'.'.join(host.lower().split('.')[-2:])}"
    content_type = next((header.raw for header in message.headers if header.name.lower() == "content-type"), "")
    boundary = _BOUNDARY.search(content_type[:500])
    if boundary:
        yield f"h:boundary:{_shape(boundary.group(1))}"
    for name in ("x-priority", "importance", "content-transfer-encoding"):
        value = message.header(name)
        if value:
            yield f"h:{name}:{value[:20].lower().strip()}"


def _shape(identifier: str) -> str:
    """Letters as a, digits as 9, runs shortened: what stays is the program that made it."""
    return _DIGITS.sub("9", _LETTERS.sub("a", identifier))[:40]
