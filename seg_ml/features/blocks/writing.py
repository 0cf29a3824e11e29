"""How the text is written: case, digits, punctuation, alphabets, money."""

from __future__ import annotations

import re
from math import log1p

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.features.catalogue import feature
from seg_ml.mail.quotes import author_text

_MONEY = re.compile(r"[$€£]\s?\d|\d\s?(?:usd|eur|dollars|million)\b", re.IGNORECASE)
_GAPPY = re.compile(r"\b(?:\w[ .*_-]){3,40}\w\b")
_CHARACTERS = 20_000


@feature(
    "writing",
    version=3,
    names=(
        "upper_share",
        "digit_share",
        "punctuation_share",
        "exclamations",
        "non_ascii_share",
        "money",
        "gappy_words",
        "longest_word",
        "subject_upper_share",
        "subject_exclaims",
        "subject_gap",
        "subject_length",
    ),
    rising="gappy_words subject_gap subject_exclaims",
)
class Writing:
    """Shares in [0, 1], counts as log1p, over the first 20,000 characters of the author's own.

    Marks of an answer (lines quoted, `Re:`) are no columns: anybody can write them, and who leans on them is misled.
    """

    def extract(self, request: ScoreRequest, message: Message) -> dict[str, float]:
        """One value per name."""
        text, subject = author_text(message)[:_CHARACTERS], message.subject
        size = max(1, len(text))
        return {
            "upper_share": sum(map(str.isupper, text)) / size,
            "digit_share": sum(map(str.isdigit, text)) / size,
            "punctuation_share": sum(char in "!?$%*#=+" for char in text) / size,
            "exclamations": log1p(text.count("!")),
            "non_ascii_share": sum(char > "\x7f" for char in text) / size,
            "money": log1p(len(_MONEY.findall(text))),
            "gappy_words": log1p(len(_GAPPY.findall(text))),
            "longest_word": log1p(max(map(len, text.split()), default=0)),
            "subject_upper_share": sum(map(str.isupper, subject)) / max(1, len(subject)),
            "subject_exclaims": float("!" in subject),
            "subject_gap": float("     " in subject),
            "subject_length": log1p(len(subject)),
        }
