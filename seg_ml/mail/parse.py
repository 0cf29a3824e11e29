"""Bytes to `Message`. Never raises on content: what is malformed or beyond a limit becomes a defect."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from seg_ml.domain.message import Aside, Header, HtmlFacts, Link, Mailbox, Message, Part
from seg_ml.mail.addresses import mailboxes
from seg_ml.mail.charset import decode_bytes
from seg_ml.mail.headers import RawField, decode_value, first, parameters
from seg_ml.mail.html import HtmlView, read_html
from seg_ml.mail.limits import DEFAULT_LIMITS, Limits
from seg_ml.mail.mime import Entity, MimeWalker
from seg_ml.mail.quotes import without_quotes
from seg_ml.mail.transfer import decode_body

PARSER_VERSION = 3

_BARE_URL = re.compile(r"(?:https?://|\bwww\.)[^\s<>\"'\]\[{}|\\^`]{1,2000}", re.IGNORECASE)
_ONE_ONLY = ("from", "subject", "to", "cc", "date", "message-id", "reply-to", "sender", "content-type", "mime-version")


@dataclass(frozen=True, slots=True)
class _Shown:
    """A text part: the alternatives that it is one of, whether it is HTML, what is seen of it, and whose words."""

    alternative: int | None
    is_html: bool
    text: str
    own: str
    quoted: str


@dataclass(slots=True)
class _Body:
    """What is gathered from the text parts while walking."""

    shown: list[_Shown] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    asides: list[Aside] = field(default_factory=list)
    facts: Counter[str] = field(default_factory=Counter)


def parse(raw: bytes, limits: Limits = DEFAULT_LIMITS) -> Message:
    """Read one message (RFC 5322, MIME) as its reader would meet it."""
    walker = MimeWalker(limits)
    root = walker.entity(raw, "1", 0)
    body = _Body()
    parts = tuple(_part(entity, walker, body) for entity in walker.leaves(root))
    headers = tuple(_header(item, walker) for item in root.fields)
    _check_headers(root.fields, walker)
    shown = _visible(body)
    text = _joined(part.text for part in shown)[: limits.text_characters]
    return Message(
        raw=raw,
        headers=headers,
        subject=next((h.value for h in headers if h.name.lower() == "subject"), ""),
        header_from=_addresses(root.fields, "from"),
        sender=_addresses(root.fields, "sender"),
        reply_to=_addresses(root.fields, "reply-to"),
        to=_addresses(root.fields, "to"),
        cc=_addresses(root.fields, "cc"),
        message_id=(first(root.fields, "message-id") or "").strip(),
        parts=parts,
        text=text,
        own_text=_joined(part.own for part in shown)[: limits.text_characters],
        quoted_text=_joined(part.quoted for part in shown)[: limits.text_characters],
        hidden_text="\n".join(body.hidden)[: limits.text_characters],
        links=_all_links(body, text, limits),
        html=HtmlFacts(**body.facts),
        defects=tuple(walker.defects),
        asides=tuple(body.asides),
    )


def _header(item: RawField, walker: MimeWalker) -> Header:
    value, clean = decode_value(item.value)
    if not clean:
        walker.note("encoded-word", item.name)
    return Header(item.name, value, item.value)


def _check_headers(fields: list[RawField], walker: MimeWalker) -> None:
    counts = Counter(item.name.lower() for item in fields)
    for name in _ONE_ONLY:
        if counts[name] > 1:
            walker.note("duplicate-header", name)
    if not counts["from"]:
        walker.note("no-from")


def _addresses(fields: list[RawField], name: str) -> tuple[Mailbox, ...]:
    return tuple(box for item in fields if item.name.lower() == name for box in mailboxes(item.value))


def _part(entity: Entity, walker: MimeWalker, body: _Body) -> Part:
    content, defect = decode_body(entity.body, first(entity.fields, "content-transfer-encoding"))
    if defect:
        walker.note(defect, f"part {entity.path}")
    disposition, filename = _disposition(entity)
    text = _text(entity, content, walker)
    part = Part(
        path=entity.path,
        content_type=entity.media_type,
        content=content,
        text=text,
        charset=entity.params.get("charset"),
        filename=filename,
        disposition=disposition,
        content_id=first(entity.fields, "content-id"),
    )
    if text is not None and entity.inline and not part.is_attachment:
        _show(entity, text, walker, body)
    return part


def _disposition(entity: Entity) -> tuple[str | None, str | None]:
    value = first(entity.fields, "content-disposition")
    disposition, params = None, {}
    if value:
        disposition = value.partition(";")[0].strip().lower() or None
        params = parameters(value)
    filename = params.get("filename") or entity.params.get("name")
    return disposition, filename or None


def _text(entity: Entity, content: bytes, walker: MimeWalker) -> str | None:
    if not entity.media_type.startswith("text/"):
        return None
    text, clean = decode_bytes(content[: walker.limits.html_characters * 4], entity.params.get("charset"))
    if not clean:
        walker.note("charset", f"part {entity.path}: {entity.params.get('charset')}"[:200])
    return text.replace("\0", "").replace("\r\n", "\n")


def _show(entity: Entity, text: str, walker: MimeWalker, body: _Body) -> None:
    if entity.media_type != "text/html":
        body.shown.append(_Shown(entity.alternative, False, text, *without_quotes(text)))
        return
    view: HtmlView = read_html(text, walker.limits)
    if view.truncated:
        walker.note("html-limit", f"part {entity.path}")
    own, more = without_quotes(view.own)
    body.shown.append(_Shown(entity.alternative, True, view.text, own, _joined((view.quoted, more))))
    body.hidden.append(view.hidden)
    body.links.extend(view.links)
    body.asides.extend(view.asides)
    body.facts.update(asdict(view.facts))


def _visible(body: _Body) -> list[_Shown]:
    """Of alternatives that carry HTML a client shows the HTML, so the plain ones are left out."""
    rich = {part.alternative for part in body.shown if part.alternative is not None and part.is_html and part.text}
    return [part for part in body.shown if part.is_html or part.alternative not in rich]


def _joined(texts: Iterable[str]) -> str:
    return "\n".join(text.strip() for text in texts if text)


def _all_links(body: _Body, text: str, limits: Limits) -> tuple[Link, ...]:
    known = {link.target for link in body.links}
    bare = dict.fromkeys(match.group().rstrip(".,;:!?)'*>") for match in _BARE_URL.finditer(text))
    links = body.links + [Link(url, url, "text") for url in bare if url not in known]
    return tuple(links[: limits.links])
