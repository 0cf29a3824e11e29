"""Whether somebody wrote the text for its reader: sentences or a salad of words, whole words or words in disguise."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources
from math import log1p

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.features.catalogue import feature
from seg_ml.mail.quotes import author_text

_WORD = re.compile(r"[^\W_]+(?:['’.][^\W_]+)*")
_SENTENCE = re.compile(r"[.!?]+\s|\n\s*\n")
_MIXED = re.compile(r"(?=\w*[^\W\d_])(?=\w*\d)\w{4,}")
_DOTTED = re.compile(r"^[^\W\d_]+\.[^\W\d_]{2,}(?:\.[^\W\d_]+)*$")
_CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxz]{5,}")
_GREETING = re.compile(
    r"^\s*(?:dear|hi|hello|good (?:day|morning|afternoon|evening)|greetings|attn|attention|hallo|guten|liebe[rs]?"
    r"|sehr geehrte|bonjour|cher|chère|hola|estimad[oa]|querid[oa]|caro|cara|olá|prezad[oa]|ciao|gentile|salve|beste"
    r"|geachte)\b",
    re.IGNORECASE,
)
# Mailboxes of machines and offices: whatever name they display, nobody expects it before the @.
_OFFICE = re.compile(
    r"no-?_?reply|news|feed|alert|info|service|support|admin|list|mailer|notif|update|digest|contact|team|sales|help"
    r"|billing|account|order|security|^root|daemon|cron|robot|bounce|subscri|member|office|master$|ticket|build|market"
    r"|promo|press|editor|shop|store|customer|survey|event"
)
_WORDS, _CHARACTERS = 600, 8_000


@feature(
    "prose",
    version=4,
    names=(
        "function_words",
        "distinct_words",
        "words_with_digits",
        "words_with_dots",
        "sentence_words",
        "short_lines",
        "greeting",
        "greets_addressee",
        "image_parts",
        "image_share",
        "name_in_local",
        "local_consonants",
        "local_length",
    ),
    rising="words_with_digits words_with_dots local_consonants local_length",
    falling="function_words greets_addressee",
)
class Prose:
    """Shares in [0, 1] over the first words of the author's own, counts as log1p, flags 0 or 1."""

    def extract(self, request: ScoreRequest, message: Message) -> dict[str, float]:
        """One value per name."""
        text = author_text(message)[:_CHARACTERS]
        words = [word.lower() for word in _WORD.findall(text)[:_WORDS]]
        lines = [line for line in text.splitlines() if line.strip()]
        local, _, _ = message.author.addr_spec.partition("@")
        images = sum(len(part.content) for part in message.parts if part.content_type.startswith("image/"))
        count = max(1, len(words))
        common = function_words()
        return {
            "function_words": sum(word in common for word in words) / count,
            "distinct_words": len(set(words[:200])) / max(1, len(words[:200])),
            "words_with_digits": sum(bool(_MIXED.fullmatch(word)) for word in words) / count,
            "words_with_dots": sum(bool(_DOTTED.match(word)) for word in words) / count,
            "sentence_words": log1p(len(words) / max(1, len(_SENTENCE.findall(text)) + 1)),
            "short_lines": sum(len(line) < 40 for line in lines) / max(1, len(lines)),
            "greeting": float(bool(_GREETING.match(text))),
            "greets_addressee": _greets_addressee(message, text),
            "image_parts": log1p(sum(part.content_type.startswith("image/") for part in message.parts)),
            "image_share": images / (images + len(message.text)) if images else 0.0,
            "name_in_local": _name_in_local(message.author.display_name, local),
            "local_consonants": float(bool(_CONSONANTS.search(local))),
            "local_length": log1p(len(local)),
        }


def _greets_addressee(message: Message, text: str) -> float:
    """Whether the first words name whom the mail is for, by a word of his displayed name or mailbox."""
    if not message.to:
        return 0.0
    box = message.to[0]
    words = [word.lower() for word in _WORD.findall(f"{box.display_name} {box.addr_spec.partition('@')[0]}")]
    beginning = text[:120].lower()
    return float(any(len(part) > 2 and part in beginning for word in words for part in word.split(".")))


def _name_in_local(name: str, local: str) -> float:
    """1 where the mailbox bears the name that is displayed, 0.5 where no name is, or no person's mailbox."""
    words = [word.lower() for word in _WORD.findall(name) if len(word) > 2 and "@" not in name]
    if any(word in local or (len(local) > 2 and local in word) for word in words):
        return 1.0
    return 0.0 if words and not _OFFICE.search(local) else 0.5


@lru_cache(maxsize=1)
def function_words() -> frozenset[str]:
    """The bundled list."""
    path = resources.files("seg_ml.features") / "data" / "function_words.txt"
    lines = (line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return frozenset(word for line in lines for word in line.split())
