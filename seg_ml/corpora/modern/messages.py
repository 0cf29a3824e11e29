"""A letter and a sender made one message, as the receiving site stored it."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from html import escape
from random import Random

from seg_ml.corpora.modern.layout import Look, as_html, as_text
from seg_ml.corpora.modern.letters import Block
from seg_ml.corpora.modern.mailers import Mailer, filled
from seg_ml.corpora.modern.mime import (
    Attachment,
    Part,
    assemble,
    file_part,
    fold,
    header_text,
    mailbox,
    multipart,
    text_part,
)
from seg_ml.corpora.modern.people import Person
from seg_ml.corpora.modern.receiving import received
from seg_ml.corpora.modern.senders import Sender, hexadecimal

PLACE = "https://link.invalid/"
"""Stands in a text where a sender puts an address of its own; the page's role follows."""

_PLACES = re.compile(re.escape(PLACE) + r"(\w+)")
_ZONES = (0, 60, 120, -300, -420, -180, 0, 120, 330)


@dataclass(frozen=True, slots=True)
class Page:
    """A letter that comes with a layout of its own."""

    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Written:
    """What is to be sent, before anybody sends it."""

    subject: str
    blocks: tuple[Block, ...]
    recipient: Person
    moment: datetime
    look: Look
    attachments: tuple[Attachment, ...] = ()
    copies: tuple[str, ...] = ()
    page: Page | None = None


def message(written: Written, sender: Sender, mailer: Mailer, random: Random) -> bytes:
    """The message as it lies in the recipient's mailbox, with what the receiving site wrote on top."""
    sent = written.moment.astimezone(timezone(timedelta(minutes=random.choice(_ZONES))))
    body = _body(written, sender, mailer, random)
    fields = _fields(written, sender, mailer, sent, random)
    wanted = [name for name in mailer.order.split() if name in fields]
    ordered = [(name, fields[name]) for name in [*wanted, *(name for name in fields if name not in wanted)]]
    signatures = "".join(_signature(domain, sent, random) for domain in sender.signers)
    trace = received(sender, written.recipient.address, written.moment, random)
    return (trace + signatures).encode() + assemble(ordered, body)


def _body(written: Written, sender: Sender, mailer: Mailer, random: Random) -> Part:
    look, transfer = written.look, random.choice(mailer.transfer)
    charset = random.choice(["utf-8", "utf-8", "UTF-8", "iso-8859-1", "windows-1252"])
    text, html = _texts(written, sender, random)
    parts = [text_part(text, "plain", transfer, charset)] if look.text else []
    if html:
        parts.append(text_part(html, "html", transfer if transfer != "7bit" else "quoted-printable", "utf-8"))
    whole = parts[0] if len(parts) == 1 else multipart("alternative", parts, _boundary(mailer, written, sender, random))
    if not written.attachments:
        return whole
    return multipart("mixed", [whole, *map(file_part, written.attachments)], _boundary(mailer, written, sender, random))


def _texts(written: Written, sender: Sender, random: Random) -> tuple[str, str]:
    """Text and HTML, empty where there is none, the sender's addresses in their places."""
    look, page = written.look, written.page
    text = page.text if page else as_text(written.blocks, sender.link, look, random)
    html = page.html if page else as_html(written.blocks, sender.link, look, written.subject) if look.html else ""
    text = _PLACES.sub(lambda match: sender.link(match.group(1)), text)
    return text, _PLACES.sub(lambda match: escape(sender.link(match.group(1))), html)


def _boundary(mailer: Mailer, written: Written, sender: Sender, random: Random) -> str:
    return filled(mailer.boundary, random, written.moment, sender.domain, sender.host)


def _fields(written: Written, sender: Sender, mailer: Mailer, sent: datetime, random: Random) -> dict[str, str]:
    recipient = written.recipient
    to = mailbox(random.choice([recipient.name, "", ""]), recipient.address, random.random() < 0.5)
    fields = {
        "From": mailbox(sender.name, sender.address, random.random() < 0.4),
        "To": to if random.random() < 0.97 else "undisclosed-recipients:;",
        "Subject": header_text(written.subject),
        "Date": format_datetime(sent),
        "Message-ID": f"<{filled(mailer.message_id, random, sent, sender.domain, sender.host)}>",
        "MIME-Version": "1.0",
        "Content-Type": "",
        "Content-Transfer-Encoding": "",
    }
    if sender.reply_to:
        fields["Reply-To"] = sender.reply_to
    if written.copies:
        name = random.choice(["To", "Cc"])
        fields[name] = ", ".join([*([to] if name == "To" else []), *written.copies])
    for line in mailer.extra:
        name, _, pattern = line.partition(":")
        fields[name] = filled(pattern.strip(), random, sent, sender.domain, sender.host)
    if random.random() < mailer.unsubscribe:
        fields["List-Unsubscribe"] = f"<{sender.link('unsubscribe')}>"
        if random.random() < 0.5:
            fields["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if "person" in mailer.styles and written.subject[:3].lower() in (
        "re:",
        "aw:",
        "fw:",
        "wg:",
        "sv:",
        "rv:",
        "tr:",
        "fwd",
    ):
        parent = f"<{hexadecimal(random, 20)}@{recipient.address.rpartition('@')[2]}>"
        fields |= {"In-Reply-To": parent, "References": parent}
    if sender.list_address:
        fields |= _list_fields(sender.list_address)
    if random.random() < 0.05:
        fields |= random.choice([{"X-Priority": "1"}, {"Importance": "high"}, {"X-Priority": "3"}])
    return fields


def _list_fields(address: str) -> dict[str, str]:
    """What list software adds (RFC 2369, RFC 2919)."""
    name, _, host = address.partition("@")
    return {
        "Sender": f"{name}-bounces@{host}",
        "List-Id": f"<{name}.{host}>",
        "List-Post": f"<mailto:{address}>",
        "List-Unsubscribe": f"<mailto:{name}-leave@{host}>",
        "Precedence": "list",
    }


def _signature(domain: str, sent: datetime, random: Random) -> str:
    selector = random.choice(["s1", "default", "selector1", "mail", "k1", "20230601", "dkim", "scph0321"])
    digest = base64.b64encode(random.randbytes(32)).decode()
    seal = base64.b64encode(random.randbytes(192)).decode()
    lines = [seal[index : index + 68] for index in range(0, len(seal), 68)]
    head = f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s={selector}; t={int(sent.timestamp())};"
    return fold("DKIM-Signature", f"{head} h=From:Date:Subject:MIME-Version:Content-Type:To;").rstrip("\r\n") + (
        f"\r\n\tbh={digest};\r\n\tb=" + "\r\n\t ".join(lines) + "\r\n"
    )


def attached(written: Written, attachments: Sequence[Attachment]) -> Written:
    """The same, with files."""
    return replace(written, attachments=tuple(attachments))
