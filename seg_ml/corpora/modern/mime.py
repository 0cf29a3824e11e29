"""Messages as bytes: parts, transfer encodings, header fields folded and encoded."""

from __future__ import annotations

import base64
import quopri
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.header import Header

_ATOMS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 !#$%&'*+-/=?^_`{|}~")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels with a letter. `inline` is shown in place, as invitations are."""

    name: str
    media_type: str
    content: bytes
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """Header fields of a part, and its body as it travels."""

    fields: tuple[tuple[str, str], ...]
    body: bytes


def text_part(text: str, subtype: str, transfer: str, charset: str) -> Part:
    """A text part. Where a charset or an encoding cannot carry the text, UTF-8 and quoted-printable do."""
    try:
        content = text.encode(charset)
    except UnicodeEncodeError:
        charset, content = "utf-8", text.encode()
    if transfer == "7bit" and (max(content, default=0) > 127 or _long(content)):
        transfer = "quoted-printable"
    if transfer == "8bit" and _long(content):
        transfer = "quoted-printable"
    kind = f'text/{subtype}; charset="{charset}"' if subtype == "plain" else f"text/{subtype}; charset={charset}"
    return Part((("Content-Type", kind), ("Content-Transfer-Encoding", transfer)), encoded(content, transfer))


def file_part(attachment: Attachment) -> Part:
    """An attachment, in base64."""
    way = "inline" if attachment.inline else "attachment"
    kind = f'{attachment.media_type}; name="{attachment.name}"'
    fields = (
        ("Content-Type", kind),
        ("Content-Disposition", f'{way}; filename="{attachment.name}"'),
        ("Content-Transfer-Encoding", "base64"),
    )
    return Part(fields, encoded(attachment.content, "base64"))


def multipart(subtype: str, parts: Sequence[Part], boundary: str, preamble: str = "") -> Part:
    """Parts in one, between boundaries."""
    pieces = [preamble.encode() + b"\r\n" if preamble else b""]
    for part in parts:
        head = "".join(f"{name}: {value}\r\n" for name, value in part.fields)
        pieces.append(f"--{boundary}\r\n{head}\r\n".encode() + part.body.rstrip(b"\r\n") + b"\r\n\r\n")
    pieces.append(f"--{boundary}--\r\n".encode())
    return Part((("Content-Type", f'multipart/{subtype}; boundary="{boundary}"'),), b"".join(pieces))


def encoded(content: bytes, transfer: str) -> bytes:
    """A body in a transfer encoding, its lines ended as on the wire."""
    lines = content.replace(b"\r\n", b"\n")
    if transfer == "base64":
        return base64.encodebytes(content).replace(b"\n", b"\r\n")
    if transfer == "quoted-printable":
        return quopri.encodestring(lines).replace(b"\n", b"\r\n")
    return lines.replace(b"\n", b"\r\n")


def header_text(text: str, charset: str = "utf-8") -> str:
    """Unstructured text for a field, as encoded words where it is not ASCII."""
    return text if text.isascii() else Header(text, charset, maxlinelen=72).encode().replace("\n", "\r\n")


def mailbox(name: str, address: str, quoted: bool) -> str:
    """A display name and an address."""
    if not name:
        return address
    if not name.isascii():
        return f"{header_text(name)} <{address}>"
    if quoted or not set(name) <= _ATOMS:
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name} <{address}>"


def fold(name: str, value: str, width: int = 76) -> str:
    """A field in lines of moderate length, with its line end."""
    if "\r\n" in value or len(name) + len(value) + 2 <= width:
        return f"{name}: {value}\r\n"
    lines, line = [], f"{name}:"
    for word in value.split(" "):
        if len(line) + len(word) + 1 > width and line.strip() and line != f"{name}:":
            lines.append(line)
            line = ""
        line += f" {word}"
    return "\r\n".join([*lines, line]) + "\r\n"


def assemble(fields: Iterable[tuple[str, str]], part: Part) -> bytes:
    """A whole message."""
    own = dict(part.fields)
    named = {name for name, _ in fields}
    head = [fold(name, own.get(name, value)) for name, value in fields if name in own or value]
    head += [fold(name, value) for name, value in part.fields if name not in named]
    return "".join(head).encode() + b"\r\n" + part.body


def _long(content: bytes) -> bool:
    return any(len(line) > 900 for line in content.splitlines())
