"""Disguised copies of messages to learn from: the same mail as somebody would send it who wants it past a filter.

Unwanted mail gets every trick. A share of wanted mail gets those that honest mail knows too (more text below or
above, a conversation quoted, a message passed on, nothing but pictures), so that the trick by itself tells nothing.
What is added is taken from wanted mail, and written in other forms than those in which robustness is measured.
"""

from __future__ import annotations

import hashlib
import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

import pandas as pd

from seg_ml.evaluation.attacks import attacked
from seg_ml.evaluation.attacks.rewriting import Picture, rewritten, texts_of, with_body, with_header, with_picture
from seg_ml.mail.parse import parse
from seg_ml.training.development import is_threat
from seg_ml.training.quoting import Quote, as_html

Disguise = Callable[[bytes, str, Random], bytes]
"""Message, honest text to use, dice → message."""

_LEAST_TEXT = 200
_REPLIES = ("Re: ", "RE: ", "Fwd: ", "Aw: ", "Rif: ")
_WRAPPERS = (
    "<div>{text}</div>",
    "<p>{text}</p>",
    '<table><tr><td style="font-size:11px;color:#777">{text}</td></tr></table>',
    "<hr><small>{text}</small>",
)
_HIDINGS = (
    '<div style="display:none">{text}</div>',
    '<span style="font-size:1px;color:#fff">{text}</span>',
    '<p style="opacity:0;height:0;overflow:hidden">{text}</p>',
    '<div style="max-height:0;visibility:hidden">{text}</div>',
)


@dataclass(frozen=True, slots=True)
class DisguiseOptions:
    """Shares in [0, 1] of the unwanted and of the wanted messages that are copied in disguise.

    `pictures` is the share of the unwanted ones that are copied once more, as nothing but pictures.
    """

    threats: float = 0.0
    wanted: float = 0.0
    pictures: float = 0.0


def disguised_copies(
    frame: pd.DataFrame, honest_mail: pd.DataFrame, options: DisguiseOptions, seed: int
) -> pd.DataFrame:
    """Copies of some of the prepared messages, ordered by hash: their columns, `origin` (sha256) and `disguise`.

    `honest_mail` are prepared messages too; the wanted ones lend their words.
    """
    honest = _honest_texts(honest_mail)
    rows = []
    for row in frame.assign(threat=is_threat(frame)).to_dict("records"):
        texts = honest.get(row["language"]) or honest.get("") or [""]
        for name, random in _drawn(row["sha256"], row.pop("threat"), options, seed):
            raw = _DISGUISES[name](row["raw"], random.choice(texts), random)
            sha256 = hashlib.sha256(raw).hexdigest()
            rows.append({**row, "raw": raw, "origin": row["sha256"], "sha256": sha256, "disguise": name})
    columns = [*frame.columns, "origin", "disguise"]
    return pd.DataFrame(rows, columns=columns).drop_duplicates("sha256").sort_values("sha256", ignore_index=True)


def _drawn(sha256: str, threat: bool, options: DisguiseOptions, seed: int) -> Iterator[tuple[str, Random]]:
    """The disguises of a message, each with dice of its own: the same in every run."""
    random = Random(f"{seed} {sha256}")  # noqa: S311 - no secret
    if random.random() < (options.threats if threat else options.wanted):
        yield _draw(_OF_THREATS if threat else _OF_WANTED, random), random
    random = Random(f"{seed} {sha256} pictures")  # noqa: S311 - no secret
    if threat and random.random() < options.pictures:
        yield "pictures", random


def _honest_texts(frame: pd.DataFrame) -> Mapping[str, Sequence[str]]:
    """Texts of wanted mail by language; under the empty name those of all."""
    texts: dict[str, list[str]] = {}
    wanted = frame[~is_threat(frame)]
    for raw, language in zip(wanted["raw"], wanted["language"], strict=True):
        text = parse(raw).text.strip()
        if len(text) >= _LEAST_TEXT:
            for name in {"", language if isinstance(language, str) else ""}:
                texts.setdefault(name, []).append(text)
    return texts


def _draw(weights: Mapping[str, int], random: Random) -> str:
    return random.choices(list(weights), list(weights.values()))[0]


def _some(text: str, random: Random) -> str:
    """Some hundred characters of a text, from a word on."""
    length = random.randint(_LEAST_TEXT, 1_500)
    start = random.randint(0, max(0, len(text) - length))
    return text[start : start + length].partition(" ")[2]


def _more_text(raw: bytes, honest: str, random: Random) -> bytes:
    text, wrapper, gap = _some(honest, random), random.choice(_WRAPPERS), "\n" * random.randint(1, 12)
    return rewritten(
        raw,
        lambda shown, is_html: f"{shown}{wrapper.format(text=as_html(text))}" if is_html else f"{shown}{gap}{text}\n",
    )


def _hidden_text(raw: bytes, honest: str, random: Random) -> bytes:
    text, hiding = _some(honest, random), random.choice(_HIDINGS)
    return rewritten(
        raw,
        lambda shown, is_html: (
            f"{hiding.format(text=as_html(text))}{shown}" if is_html else f"{shown}{chr(10) * 60}{text}\n"
        ),
    )


def _text_above(raw: bytes, honest: str, random: Random) -> bytes:
    """Honest words come first, and what the message is about after them."""
    text, wrapper, gap = _some(honest, random), random.choice(_WRAPPERS), "\n" * random.randint(1, 6)
    return rewritten(
        raw,
        lambda shown, is_html: f"{wrapper.format(text=as_html(text))}{shown}" if is_html else f"{text}{gap}{shown}",
    )


def _conversation(raw: bytes, honest: str, random: Random) -> bytes:
    """The message as an answer to honest mail, which it quotes."""
    text, quote = _some(honest, random), Quote.drawn(random)
    changed = rewritten(
        raw,
        lambda shown, is_html: (
            f"{shown}<br>{quote.as_html(as_html(text))}" if is_html else f"{shown}\n\n{quote.as_text(text)}\n"
        ),
    )
    return _answering(changed, parse(raw).subject, random)


def _passed_on(raw: bytes, honest: str, random: Random) -> bytes:
    """The message as what an honest answer quotes, or a colleague passes on."""
    text, quote = _some(honest, random)[: random.randint(20, 600)], Quote.drawn(random)
    changed = rewritten(
        raw,
        lambda shown, is_html: (
            f"<div>{as_html(text)}</div><br>{quote.as_html(shown)}"
            if is_html
            else f"{text}\n\n{quote.as_text(shown)}\n"
        ),
    )
    return _answering(changed, parse(raw).subject, random)


def _answering(raw: bytes, subject: str, random: Random) -> bytes:
    """Mostly with the headers of an answer."""
    if random.random() >= 0.8:
        return raw
    parent = f"<{random.getrandbits(48):x}.{random.randint(1, 999)}@mail{random.randint(1, 9)}.example>"
    changed = with_header(raw, "Subject", f"{random.choice(_REPLIES)}{subject}")
    return with_header(with_header(changed, "In-Reply-To", parent), "References", parent)


def _pictures(raw: bytes, honest: str, random: Random) -> bytes:
    links = [link.target for link in parse(raw).links if link.kind in ("anchor", "text", "area")]
    target = html.escape(links[0]) if links else f"https://site-{random.getrandbits(24):x}.example/"
    source = random.choice(
        ("cid:part1.{0:x}@mail", "https://img{0:x}.example/a.jpg", "http://static.example/{0:x}/1.gif")
    )
    pictures = "".join(
        f'<a href="{target}"><img src="{source.format(random.getrandbits(32))}" border=0></a><br>'
        for _ in range(random.randint(1, 4))
    )
    return with_body(raw, f"<html><body>{pictures}</body></html>")


def _picture_in_words(raw: bytes, honest: str, random: Random) -> bytes:
    """All that is said is in a picture that travels along; the words around it are somebody else's."""
    picture, text = _a_picture(random), _salad(_some(honest, random), random)
    shown = f'<img src="cid:{picture.identifier}" border=0>'
    links = [link.target for link in parse(raw).links if link.kind in ("anchor", "text", "area")]
    if links and random.random() < 0.5:
        shown = f'<a href="{html.escape(links[0])}">{shown}</a>'
    gap = random.choice(("<br>", "<br><br><br>", "<p>&nbsp;</p>"))
    above = f"{as_html(text[:200])}<br>" if random.random() < 0.2 else ""
    plain = random.choice((text, text, _some(honest, random), ""))
    return with_picture(raw, plain, f"<html><body>{above}{shown}{gap}{as_html(text)}</body></html>", picture)


def _logo(raw: bytes, honest: str, random: Random) -> bytes:
    """A picture that travels along below what was written: a logo, a photograph."""
    picture, (plain, shown) = _a_picture(random), texts_of(raw)
    shown = shown or f"<html><body>{as_html(plain)}</body></html>"
    body, end, rest = shown.rpartition("</body>")
    below = f'<br><img src="cid:{picture.identifier}" width={random.randint(60, 600)}>'
    return with_picture(raw, plain, f"{body}{below}{end}{rest}" if end else f"{shown}{below}", picture)


def _a_picture(random: Random) -> Picture:
    suffix = random.choice(("gif", "gif", "png", "jpg"))
    stem = random.choice(("image001", "logo", "photo", "part1", f"{random.getrandbits(32):x}"))
    identifier = f"{stem}.{suffix}@{random.getrandbits(32):08X}.{random.getrandbits(32):08X}"
    boundary = random.choice(_BOUNDARIES).format(random.getrandbits(60), random.getrandbits(30))
    content = _MAGIC[suffix] + random.randbytes(random.randint(400, 24_000))
    return Picture(f"{stem}.{suffix}", {"jpg": "jpeg"}.get(suffix, suffix), identifier, boundary, content)


def _salad(text: str, random: Random) -> str:
    """A text, often with its words in no order."""
    words = text.split(" ")
    if random.random() < 0.4:
        random.shuffle(words)
    return " ".join(words)


def _as_measured(name: str) -> Disguise:
    """Changes of words, which have one form only."""
    return lambda raw, honest, random: attacked(name, raw)


_MAGIC = {"gif": b"GIF89a", "png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff\xe0\0\x10JFIF\0"}
_BOUNDARIES = (
    "{0:x}",
    "------------{0:024d}",
    "Apple-Mail-{1}-{0}",
    "=_{0:x}_{1:x}",
    "Boundary_{1:08x}",
    "{1}{0}.{1}/mail",
)
_WORDS = ("homoglyphs", "zero-width characters", "leetspeak", "split HTML", "paraphrase", "prompt injection")
_DISGUISES: dict[str, Disguise] = {
    "more text": _more_text,
    "text above": _text_above,
    "hidden text": _hidden_text,
    "conversation": _conversation,
    "passed on": _passed_on,
    "pictures": _pictures,
    "picture in words": _picture_in_words,
    "logo": _logo,
    **{name: _as_measured(name) for name in _WORDS},
}
_OF_THREATS = {
    "more text": 7, "text above": 6, "conversation": 10, "passed on": 7, "pictures": 3, "picture in words": 5,
    "logo": 1, "hidden text": 2,
    **dict.fromkeys(_WORDS, 1),
}  # fmt: skip
_OF_WANTED = {"more text": 2, "text above": 2, "conversation": 3, "passed on": 3, "pictures": 2, "logo": 4}
