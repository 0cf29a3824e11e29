"""What the transformer went by: each sentence and word left out in turn, and how much less it suspects without.

Occlusion needs no gradients, which the served graph has none of, and asks the very model that served. It costs a
forward pass a piece, so it runs where somebody asks why and never where mail waits; `passes` bounds it. Only what the
model reads counts: words beyond its window had no say, and none move in where another is left out.

Source: Zeiler & Fergus, Visualizing and understanding convolutional networks (2014), §4; Li, Monroe, Jurafsky,
Understanding neural networks through representation erasure (2016).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from seg_ml.text.subwords import Subwords

Logit = Callable[[str], float]
Weighted = tuple[tuple[str, float], ...]

_WORD = re.compile(r"\S+")
_SENTENCE_END = re.compile(r"[.!?:;。！？]['\")\]]?$")
_EDGE = re.compile(r"^\W+|\W+$")
_MOST_SENTENCES = 12


@dataclass(frozen=True, slots=True)
class Attribution:
    """What leaving out a piece takes from the transformer's logit, heaviest first; positive spoke for unwanted mail.

    `words` are of the sentences that weigh most, each with all its repetitions left out at once.
    """

    sentences: Weighted = ()
    words: Weighted = ()


@dataclass(frozen=True, slots=True)
class _Piece:
    """A word of the window: where it stands, the sentence it belongs to, how it is spelled without its edges."""

    start: int
    end: int
    sentence: int
    name: str


def occluded(text: str, subwords: Subwords, logit: Logit, passes: int = 48) -> Attribution:
    """Attribute `logit(text)` to what `subwords` lets the model read, in at most `passes` calls of `logit`.

    `text` is that of the reading; its first line is the subject, its second the author's name.
    """
    window = read(text, subwords)
    pieces = _pieces(window)
    if not pieces or passes < 2:
        return Attribution()
    base = logit(window)

    def effect(left_out: Iterable[_Piece]) -> float:
        return base - logit(without(window, [(piece.start, piece.end) for piece in left_out]))

    groups = [[p for p in pieces if p.sentence == number] for number in range(pieces[-1].sentence + 1)]
    groups = groups[: passes - 1]
    sentences = [(window[group[0].start : group[-1].end], effect(group)) for group in groups]
    order = sorted(range(len(groups)), key=lambda number: -abs(sentences[number][1]))
    names = list(dict.fromkeys(piece.name for number in order for piece in groups[number] if piece.name))
    chosen = names[: passes - 1 - len(groups)]
    words = [(name, effect(piece for piece in pieces if piece.name == name)) for name in chosen]
    return Attribution(_heaviest(sentences), _heaviest(words))


def read(text: str, subwords: Subwords) -> str:
    """The part of a text that fits the window: from its start, and where the model reads it, from its end."""
    spans = [(match.start(), match.end()) for match in _WORD.finditer(text)]
    first = _fitting(text, spans, subwords, subwords.head)
    last = _fitting(text, spans[first:][::-1], subwords, subwords.tail)
    if first + last >= len(spans):
        return text
    head = text[: spans[first - 1][1]] if first else ""
    return f"{head}\n{text[spans[len(spans) - last][0] :]}" if last else head


def without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """A text with these parts cut out."""
    kept, start = [], 0
    for left, right in sorted(spans):
        kept.append(text[start:left])
        start = right
    return "".join([*kept, text[start:]])


def _fitting(text: str, spans: Sequence[tuple[int, int]], subwords: Subwords, room: int) -> int:
    """How many of the spans fit, one after the other; the last may be cut."""
    used = 0
    for count, (start, end) in enumerate(spans):
        if used >= room:
            return count
        used += len(subwords.ids(text[start:end])) - 2
    return len(spans)


def _pieces(window: str) -> list[_Piece]:
    found: list[_Piece] = []
    sentence, ended, end = 0, False, 0
    for match in _WORD.finditer(window):
        between = window[end : match.start()]
        if found and (ended or "\n" in between):
            sentence += 1
        found.append(_Piece(match.start(), match.end(), sentence, _EDGE.sub("", match.group()).casefold()))
        ended, end = _SENTENCE_END.search(match.group()) is not None, match.end()
    return _joined(found, sentence + 1)


def _joined(pieces: list[_Piece], sentences: int) -> list[_Piece]:
    """The same with neighbouring sentences counted as one where there are too many."""
    each = -(-sentences // _MOST_SENTENCES)
    return [_Piece(p.start, p.end, p.sentence // each, p.name) for p in pieces] if each > 1 else pieces


def _heaviest(weighted: Iterable[tuple[str, float]]) -> Weighted:
    return tuple(sorted(weighted, key=lambda item: -abs(item[1])))
