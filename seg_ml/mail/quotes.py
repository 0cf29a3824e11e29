"""What a message quotes of others, told from what its author wrote himself.

Anybody can quote a conversation that never was. What stands in it still counts as words of the message; but how an
author writes and what he opens with is judged by his own.
"""

from __future__ import annotations

import re
from itertools import islice

from seg_ml.domain.message import Message
from seg_ml.mail.style import Attributes

_MARKED = re.compile(r"[ \t]{0,8}(?:(?:[A-Z]{1,3})?>(?![^\n]{0,200}<<?\s*$)|\|(?:[ \t][^|\n]{0,400})?$)")
_ATTRIBUTION = re.compile(
    r"[^\n]{0,160}\b(?:wrote|writes|said|schrieb|écrit|escribió|escribio|scritto|scrisse|schreef|escreveu|skrev)\s*:\s*$",
    re.IGNORECASE,
)
_BREAK = re.compile(r"\s*(?:-{3,}[^-\n]{4,50}-{3,}|_{8,})\s*$")
_HEAD = re.compile(r"\s*[*>]{0,2}(?:from|von|de|da|van|expéditeur|mittente)\s*:", re.IGNORECASE)
_QUOTING_CLASSES = re.compile(r"\b(?:gmail_quote|yahoo_quoted|moz-cite-prefix|protonmail_quote|zmail_extra)\b")
_WORD = re.compile(r"[^\W_]+")
_LEAST = 3
_LINES = 5_000


def quotes(tag: str, attributes: Attributes) -> bool:
    """Whether an element of HTML holds what is quoted, by its name or by the class that mail programs give it."""
    return tag == "blockquote" or bool(_QUOTING_CLASSES.search((attributes.get("class") or "")[:200]))


def without_quotes(text: str) -> tuple[str, str]:
    """What is the author's own of a text, and what he quotes: marked lines, what introduces them, what is forwarded."""
    lines = text.split("\n", _LINES)
    own: list[str] = []
    quoted: list[str] = []
    for at, line in enumerate(lines):
        if _opens_rest(lines, at):
            quoted += lines[at:]
            break
        if _MARKED.match(line):
            while own and not own[-1].strip():
                own.pop()
            if own and own[-1].rstrip().endswith(":"):
                quoted.append(own.pop())
            quoted.append(line)
        else:
            own.append(line)
    return "\n".join(own), "\n".join(quoted)


def author_text(message: Message) -> str:
    """What the author himself says; the whole text where he adds no more than a word or two to what he quotes."""
    return message.own_text if says(message.own_text, _LEAST) else message.text


def says(text: str, words: int) -> bool:
    """Whether a text has that many words; in time that grows with the text, of one endless word too."""
    return len(list(islice(_WORD.finditer(text), words))) == words


def _opens_rest(lines: list[str], at: int) -> bool:
    """Whether all below is another message: a ruled-off head of one, or words that introduce it without marks."""
    line = lines[at][:200].strip()
    if line[:1] in ("-", "_") and _BREAK.match(line):
        return any(map(_HEAD.match, _below(lines, at)[:3]))
    if line.endswith(":") and _ATTRIBUTION.match(line):
        below = _below(lines, at)
        return not (below and _MARKED.match(below[0]))
    return False


def _below(lines: list[str], at: int) -> list[str]:
    """What stands in the next few lines."""
    return [line for line in lines[at + 1 : at + 5] if line.strip()]
