"""What a message presents itself as: mail of a list, of a person, to many, or of a machine about one's own affairs.

Corpora file their mail under kinds of their own. Whether a model does well on newsletters, or tells the corpora of
one kind of mail apart, can only be asked across corpora where all mail is sorted by the same few words. A phish that
copies a parcel notice is sorted with parcel notices, so that every genre has wanted and unwanted mail.

Where a corpus says the kind, its word counts; else marks that a sender leaves do. It is a guess for slices of a
report; no model sees it.
"""

from __future__ import annotations

import re

import pandas as pd

LIST, PERSONAL, BULK, TRANSACTIONAL = "list", "personal", "bulk", "transactional"
GENRES = (LIST, PERSONAL, BULK, TRANSACTIONAL)

_MADE = {
    **dict.fromkeys(("list-mail",), LIST),
    **dict.fromkeys(("newsletter", "spam"), BULK),
    **dict.fromkeys(("transactional", "notice-rendered", "twin-legitimate", "dsn"), TRANSACTIONAL),
    **dict.fromkeys(("phish", "twin-phishing", "callback"), TRANSACTIONAL),
}
"""Kinds of the corpus `modern`; its other kinds are letters of people, or of those who pretend to be one."""

_HEADERS = 16 * 1024
_BODY_END = 2_000
_LIST_SENDER = re.compile(
    rb"(?im)^sender:[^\n]{0,200}?(?:owner-|-(?:owner|admin|bounces?|request|errors)\b|@(?:lists?|egroups|yahoogroups)\.)"
)
_LIST_LEAVE = re.compile(rb"(?is)^list-unsubscribe:[^\n]{0,300}?-(?:request|leave)@", re.MULTILINE)
_LIST_MARK = re.compile(rb"(?im)^subject:\s*(?:(?:re|fwd?)\s*:\s*)?\[[^\]\n]{2,40}\]")
_LIST_FOOTER = re.compile(rb"(?i)\n[_-]{20,}\s?\n[^\0]{0,400}?mailing list")
_MACHINE = re.compile(
    rb"(?im)^(?:from:[^\n]{0,200}?(?:no-?reply|do-?not-?reply|mailer-daemon|postmaster|notifications?|alerts?)[^\n@]{0,20}@"
    rb"|auto-submitted:\s*auto)"
)
_MANY = re.compile(rb"(?i)\bunsubscribe\b|\bopt[ -]?out\b|\bremoved? from (?:this|our) (?:mailing )?list\b")


def genres(messages: pd.DataFrame) -> pd.Series:
    """The genre of each prepared message (with `raw`, `corpus`, `kind`, `label`), in their order."""
    rows = zip(messages["raw"], messages["corpus"], messages["kind"], messages["label"], strict=True)
    return pd.Series([genre(*row) for row in rows], index=messages.index, dtype=object)


def genre(raw: bytes, corpus: str, kind: str, label: str) -> str:
    """One of `GENRES`."""
    if corpus == "modern":
        return _MADE.get(kind, PERSONAL)
    if label == "bulk" or kind == "hard-ham-1":
        return BULK
    head, end = raw[:_HEADERS], raw[-_BODY_END:]
    if any(sign.search(head) for sign in (_LIST_SENDER, _LIST_LEAVE, _LIST_MARK)) or _LIST_FOOTER.search(end):
        return LIST
    if label == "phishing" or _MACHINE.search(head):
        return TRANSACTIONAL
    return BULK if label == "spam" or b"list-unsubscribe:" in head.lower() or _MANY.search(end) else PERSONAL
