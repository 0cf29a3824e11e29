"""Mailboxes of an address field, split as mail clients show them: linear, lenient, never recursive.

The list is split before encoded words are decoded, so that a comma inside one cannot invent a mailbox.
Source: RFC 5322 §3.4; CVE-2023-27043 for what goes wrong otherwise.
"""

from __future__ import annotations

from seg_ml.domain.message import Mailbox
from seg_ml.mail.headers import decode_value

_MAX_MAILBOXES = 1000


def mailboxes(value: str) -> tuple[Mailbox, ...]:
    """The mailboxes of a raw (unfolded, undecoded) address field, at most 1,000."""
    found = [mailbox for item in _split(value) if (mailbox := _mailbox(item)) is not None]
    return tuple(found[:_MAX_MAILBOXES])


def _split(value: str) -> list[str]:
    """Cut at commas and semicolons outside quotes, comments and angle brackets."""
    items: list[str] = []
    start, quoted, comment, angle, skip = 0, False, 0, False, False
    for index, char in enumerate(value):
        if skip:
            skip = False
        elif char == "\\":
            skip = True
        elif quoted:
            quoted = char != '"'
        elif char == '"' and not comment:
            quoted = True
        elif char == "(":
            comment += 1
        elif char == ")" and comment:
            comment -= 1
        elif comment:
            continue
        elif char in "<>":
            angle = char == "<"
        elif char in ",;" and not angle:
            items.append(value[start:index])
            start = index + 1
    items.append(value[start:])
    return items


def _mailbox(item: str) -> Mailbox | None:
    opening = item.rfind("<")
    if opening >= 0:
        closing = item.find(">", opening)
        address = item[opening + 1 : closing if closing >= 0 else len(item)]
        name = item[:opening]
    else:
        address, name = _bare(item)
    # "group: a@x" keeps its last word; a source route "@a,@b:c@d" its last address (RFC 5322 §4.4).
    address = address.rpartition(":")[2].strip()
    addr_spec = "".join(address.split()).strip("'\"").lower()
    display = decode_value(_unquote(name))[0].strip()
    if not addr_spec and not display:
        return None
    return Mailbox(" ".join(display.split()), addr_spec)


def _bare(item: str) -> tuple[str, str]:
    """An address without angle brackets; a trailing comment is its name (RFC 5322 §3.4)."""
    opening = item.find("(")
    if opening < 0:
        return (item, "") if "@" in item else ("", item)
    closing = item.rfind(")")
    return item[:opening], item[opening + 1 : closing if closing > opening else len(item)]


def _unquote(name: str) -> str:
    name = name.strip()
    if len(name) >= 2 and name[0] == name[-1] == '"':
        name = name[1:-1]
    return name.replace("\\", "").replace('"', "")
