"""A message with other text: parts are decoded, changed and written again, everything else stays."""

from __future__ import annotations

import email
import email.charset
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart

Rewrite = Callable[[str, bool], str]
"""Text and whether it is HTML → text."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that travels with a message; `identifier` is its Content-ID without brackets.

    `boundary` sets the parts of the message apart from it; the same with a letter behind it, plain text from HTML.
    """

    name: str
    format: str
    identifier: str
    boundary: str
    content: bytes


_QUOTED = email.charset.Charset("utf-8")
_QUOTED.body_encoding = email.charset.QP


def rewritten(raw: bytes, rewrite: Rewrite) -> bytes:
    """The message with every text part passed through `rewrite`; what cannot be decoded stays."""
    message = email.message_from_bytes(raw)
    for part in _text_parts(message):
        _rewrite_part(part, rewrite)
    return message.as_bytes()


def with_body(raw: bytes, html: str) -> bytes:
    """The message with nothing to read but `html`; a message in plain text becomes one in HTML."""
    message = email.message_from_bytes(raw)
    parts = _text_parts(message)
    if parts and all(part.get_content_subtype() != "html" for part in parts):
        parts[0].set_type("text/html")
    for part in parts:
        _rewrite_part(part, lambda _, is_html: html if is_html else "")
    return message.as_bytes()


def _text_parts(message: Message) -> list[Message]:
    """Parts that a reader sees; one whose multipart has no boundary is no text, whatever it says."""
    return [
        part
        for part in message.walk()
        if part.get_content_maintype() == "text" and part.get_filename() is None and not part.is_multipart()
    ]


def _rewrite_part(part: Message, rewrite: Rewrite) -> None:
    text = _decoded(part)
    if text is None:
        return
    changed = rewrite(text, part.get_content_subtype() == "html")
    del part["Content-Transfer-Encoding"]
    part.set_payload(_encodable(changed), _QUOTED)


def _decoded(part: Message) -> str | None:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return None
    try:
        return content.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return content.decode("latin-1")


def texts_of(raw: bytes) -> tuple[str, str]:
    """What the first part in plain text and the first in HTML say; nothing where there is no such part."""
    found = {part.get_content_subtype(): part for part in reversed(_text_parts(email.message_from_bytes(raw)))}
    plain, html = (_decoded(found[name]) if name in found else "" for name in ("plain", "html"))
    return plain or "", html or ""


def with_picture(raw: bytes, plain: str, html: str, picture: Picture) -> bytes:
    """The message with nothing in it but `html` and the picture that it shows, and `plain` beside them if not empty."""
    message = email.message_from_bytes(raw)
    shown = _text_part(html, "html")
    if plain:
        shown = MIMEMultipart("alternative", f"{picture.boundary}a", _subparts=[_text_part(plain, "plain"), shown])
    drawn = MIMEImage(picture.content, picture.format, name=picture.name)
    drawn["Content-ID"] = f"<{picture.identifier}>"
    whole = MIMEMultipart("related", picture.boundary, _subparts=[shown, drawn])
    for field in ("MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Content-Disposition"):
        del message[field]
    for field, value in whole.items():
        message[field] = value
    message.set_payload(whole.get_payload())
    return message.as_bytes()


def _text_part(text: str, subtype: str) -> Message:
    part = Message()
    part["Content-Type"] = f"text/{subtype}"
    part.set_payload(_encodable(text), _QUOTED)
    return part


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def with_header(raw: bytes, name: str, value: str) -> bytes:
    """The message with one header field replaced or added."""
    message = email.message_from_bytes(raw)
    del message[name]
    message[name] = value
    return message.as_bytes()


def outside_tags(html: str, change: Callable[[str], str]) -> str:
    """HTML in which only what stands between tags is changed, scripts and styles excepted."""
    pieces, inside, skipping = [], False, False
    start = 0
    for position, character in enumerate(html):
        if character == "<" and not inside:
            chunk = html[start:position]
            pieces.append(chunk if skipping else change(chunk))
            start, inside = position, True
        elif character == ">" and inside:
            tag = html[start : position + 1]
            lowered = tag[:8].lower()
            if lowered.startswith(("<style", "<script", "<title")):
                skipping = True
            elif lowered.startswith(("</style", "</script", "</title")):
                skipping = False
            pieces.append(tag)
            start, inside = position + 1, False
    rest = html[start:]
    pieces.append(rest if inside or skipping else change(rest))
    return "".join(pieces)
