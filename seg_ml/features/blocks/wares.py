"""What an author sells or promises, by trade, in his own words; words in disguise are read as what they stand for."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from importlib import resources
from itertools import chain, islice
from math import log1p

import yaml

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.features.catalogue import feature
from seg_ml.mail.quotes import author_text
from seg_ml.signatures.domains import fold
from seg_ml.signatures.intents import Intent, intent_of, words_of

TRADES = (
    "medicine",
    "body",
    "weight",
    "flesh",
    "stock",
    "copies",
    "software",
    "casino",
    "degree",
    "loan",
    "income",
    "mailing",
    "urge",
    "excuse",
    "money",
)
_CHARACTERS, _WORDS = 12_000, 1_500
_RUN = re.compile(r"[a-z0-9]{4,}")
_DISGUISED = re.compile(r"(?=[a-z0-9]*[a-z])(?=[a-z0-9]*[0-9])[a-z0-9]{4,20}")
_PLAIN = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b"})
_ELSE = str.maketrans({"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b"})
_SPACED = re.compile(r"(?<![^\W_])(?:[^\W\d_][ .*_|-]){3,24}[^\W\d_](?![^\W_])")
_PRICE = re.compile(r"[$€£]\s?\d{1,5}(?:[.,]\d{2})?")
_PERCENT = re.compile(r"\d{1,3}\s?%")


@feature(
    "wares",
    version=2,
    names=(*TRADES, "trades", "of_subject", "disguised", "prices", "percents"),
    rising=(
        "medicine body weight flesh stock copies software casino degree loan income mailing urge excuse money "
        "trades of_subject disguised"
    ),
)
class Wares:
    """Different phrases of each trade as log1p; `trades` with two or more; `of_subject` in the subject alone.

    `disguised`: words of a trade that were spelled with digits or gaps; `prices` and `percents` as log1p.
    """

    def extract(self, request: ScoreRequest, message: Message) -> dict[str, float]:
        """One value per name."""
        text = f"{message.subject}\n{author_text(message)[:_CHARACTERS]}"
        shown, subject, hidden = _told(text, len(words_of(message.subject)))
        found, disguised = Counter(trade for trade, _ in shown), Counter(trade for trade, _ in hidden)
        counts = {trade: found[trade] + disguised[trade] for trade in TRADES}
        values = {trade: log1p(count) for trade, count in counts.items()}
        selling = [count for trade, count in counts.items() if trade not in ("urge", "excuse")]
        return values | {
            "trades": log1p(sum(count >= 2 for count in selling)),
            "of_subject": log1p(len(subject)),
            "disguised": log1p(len(hidden)),
            "prices": log1p(len(_PRICE.findall(text))),
            "percents": log1p(len(_PERCENT.findall(text)) if "%" in text else 0),
        }


_Phrases = set[tuple[str, tuple[str, ...]]]


def _told(text: str, words_of_subject: int) -> tuple[_Phrases, _Phrases, _Phrases]:
    """(trade, phrase) of the text, of the subject at its head, and of what is disguised, in one look."""
    words = words_of(text)[: max(_WORDS, words_of_subject)]
    shown: _Phrases = set()
    subject: _Phrases = set()
    hidden: _Phrases = set()
    # No phrase holds an empty word, so none goes over it.
    for at, phrase, trade in _trades().places((*words, "", *_undisguised(text))):
        end = at + len(phrase)
        if at > len(words):
            hidden.add((trade, phrase))
            continue
        if end <= _WORDS:
            shown.add((trade, phrase))
        if end <= words_of_subject:
            subject.add((trade, phrase))
    return shown, subject, hidden


def _undisguised(text: str) -> tuple[str, ...]:
    """Words that digits or gaps disguise, as what they stand for."""
    folded = fold(text[:4_000])
    runs = (run for run in _RUN.findall(folded) if not (run.isalpha() or run.isdigit()))
    mixed = list(islice(chain.from_iterable(map(_DISGUISED.findall, runs)), 100))
    spaced = [re.sub(r"[^a-z]", "", word) for word in _SPACED.findall(folded)[:50]]
    return (*(word.translate(_PLAIN) for word in mixed), *(word.translate(_ELSE) for word in mixed), *spaced)


@lru_cache(maxsize=1)
def _trades() -> Intent:
    text = (resources.files("seg_ml.features") / "data" / "wares.yaml").read_text(encoding="utf-8")
    return intent_of(yaml.safe_load(text))
