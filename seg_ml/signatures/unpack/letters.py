"""Mail that is attached under another name or type: single messages, mailboxes, pages saved as MHTML.

A client opens such a file by its name or at a double click; its parts are files as those of an archive are.
Sources: RFC 5322 §2.2, RFC 4155 (mbox), RFC 2557 (MHTML).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from seg_ml.domain.message import Message, Part
from seg_ml.mail.parse import parse
from seg_ml.signatures.unpack.archive import Archive, Draft
from seg_ml.signatures.unpack.limits import Budget, TooMuch

MAX_MESSAGES = 1_000
"""Messages of a mailbox that are read."""

_LOOK = 8192
_KNOWN = frozenset(
    b"from to cc subject date message-id mime-version content-type content-transfer-encoding received return-path "
    b"reply-to delivered-to x-mailer".split()
)
_FIELD = re.compile(rb"([!-9;-~]{1,60})[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*(?:\n|\Z)")
_SEPARATOR = re.compile(rb"^From [^\s][^\n]{0,300}\n(?=[!-9;-~]{1,60}[ \t]*:)", re.MULTILINE)
_SAVED_PAGES = (".mht", ".mhtml")


def is_letter(content: bytes) -> bool:
    """Whether a file begins as a message or a mailbox does: header fields, two of them well-known ones."""
    start = content[:_LOOK].lstrip(b"\xef\xbb\xbf\r\n \t")
    separator = _SEPARATOR.match(start)
    at, known = separator.end() if separator else 0, set[bytes]()
    while (field := _FIELD.match(start, at)) is not None and len(known) < 2:
        known.update({field.group(1).lower()} & _KNOWN)
        at = field.end()
    return len(known) >= 2


def is_opened(part: Part, raw: bytes) -> bool:
    """Whether the parser of the message `raw` has opened this attached message.

    It opens those that stand there as they are. Encoding them is forbidden (RFC 2046 §5.2.1), and clients decode
    them all the same.
    """
    return part.content_type == "message/rfc822" and part.content[:_LOOK] in raw


def read_letters(part: Part, _: tuple[str, ...], budget: Budget) -> Archive | None:
    """The parts of every message in the file, also its texts; `None` where it is no mail."""
    if not is_letter(part.content):
        return None
    draft = Draft(part, budget)
    page = (part.filename or "").lower().endswith(_SAVED_PAGES)
    try:
        for number, raw in enumerate(_messages(part.content), start=1):
            if number > MAX_MESSAGES:
                draft.unread = f"a mailbox of which {MAX_MESSAGES} messages are read"
                break
            _add(draft, number, parse(raw), page)
    except TooMuch as limit:
        draft.exceed(limit)
    return draft.done()


def _messages(content: bytes) -> Iterator[bytes]:
    content = content.lstrip(b"\xef\xbb\xbf\r\n \t")
    if not content.startswith(b"From "):
        yield content
        return
    start = None
    for separator in _SEPARATOR.finditer(content):
        if start is not None:
            yield content[start : separator.start()]
        start = separator.end()
    yield content[start:]


def _add(draft: Draft, number: int, message: Message, page: bool) -> None:
    for leaf in message.parts:
        if not leaf.content or is_opened(leaf, message.raw):
            continue
        draft.budget.member()
        draft.budget.take(len(leaf.content))
        name = leaf.filename
        if name is None and page and leaf.content_type == "text/html":
            name = "page.html"  # a saved page is opened in a browser, not shown as the text of a mail
        elif name is None and leaf.is_attachment:
            name = f"part {leaf.path}"
        draft.members.append(replace(leaf, path=f"{draft.part.path}!{number}.{leaf.path}"[:300], filename=name))
        if name is not None:
            draft.names.append(name)
