"""Files of Outlook's winmail.dat, under the names that Outlook shows.

An attachment's short name has eight letters and three; the long one stands among its MAPI properties, behind the
content. Sources: MS-OXTNEF §2.1.3 (attributes, encapsulated properties), MS-OXCMSG §2.2.2 (properties of attachments).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

_HEAD = struct.Struct("<BII")
_START = 6
_CODE_PAGE, _BEGINS, _TITLE, _DATA, _PROPERTIES = 0x00069007, 0x00069002, 0x00018010, 0x0006800F, 0x00069005
_CONTENT, _EXTENSION, _SHORT, _LONG, _DISPLAYED = 0x3701, 0x3703, 0x3704, 0x3707, 0x3001
_STRING, _UNICODE, _OBJECT, _BINARY = 0x001E, 0x001F, 0x000D, 0x0102
_WANTED = frozenset({_CONTENT, _EXTENSION, _SHORT, _LONG, _DISPLAYED})
_WIDTHS = {
    0x0002: 4, 0x0003: 4, 0x0004: 4, 0x000A: 4, 0x000B: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x0014: 8, 0x0040: 8,
    0x0048: 16,
}  # fmt: skip
"""Octets of a value of each fixed type, padded to four (MS-OXTNEF §2.1.3.4)."""

_VARIABLE = frozenset({_STRING, _UNICODE, _OBJECT, _BINARY})
_MANY, _NAMED = 0x1000, 0x8000
_INTERFACE = 16
"""Octets before the content of an attached object: which interface reads it."""

_MAX_NAME = 260


@dataclass(slots=True)
class _Attachment:
    title: str = ""
    data: bytes | None = None
    names: dict[int, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The long name, else what there is, with the extension where the name has none."""
        name = next(filter(None, (self.names.get(_LONG), self.title, self.names.get(_SHORT))), "")
        extension = self.names.get(_EXTENSION, "").strip()
        if extension and "." not in name:
            return f"{name or self.names.get(_DISPLAYED) or 'file'}.{extension.lstrip('.')}"
        return name or self.names.get(_DISPLAYED) or "file"


def tnef_files(content: bytes, most: int) -> Iterator[tuple[str, bytes]]:
    """(name, content) of each attachment, of content so many octets at most; a damaged one ends the list."""
    code_page, current = "cp1252", _Attachment()
    for attribute, data in _attributes(content):
        if attribute == _CODE_PAGE:
            code_page = _known_code_page(data)
        begins_another = attribute == _BEGINS or (attribute in (_TITLE, _DATA) and _has(current, attribute))
        if begins_another:
            if current.data is not None:
                yield current.name, current.data
            current = _Attachment()
        if attribute == _TITLE:
            current.title = _text(data, code_page)
        elif attribute == _DATA:
            current.data = data[:most]
        elif attribute == _PROPERTIES:
            _describe(current, data, code_page, most)
    if current.data is not None:
        yield current.name, current.data


def _has(current: _Attachment, attribute: int) -> bool:
    """Where no mark of a beginning is written, the next of a kind is one."""
    return bool(current.title) and current.data is not None if attribute == _TITLE else current.data is not None


def _attributes(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = _START
    while at + _HEAD.size <= len(content):
        _, attribute, size = _HEAD.unpack_from(content, at)
        at += _HEAD.size
        yield attribute, content[at : at + size]
        at += size + 2  # a checksum


def _describe(current: _Attachment, data: bytes, code_page: str, most: int) -> None:
    for number, kind, value in _properties(data):
        if number == _CONTENT and current.data is None and kind in (_OBJECT, _BINARY):
            current.data = value[_INTERFACE if kind == _OBJECT else 0 :][:most]
        elif kind == _UNICODE:
            current.names[number] = value[: 2 * _MAX_NAME].decode("utf-16-le", "replace").rstrip("\0")
        elif kind == _STRING:
            current.names.setdefault(number, _text(value, code_page))


def _properties(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(number, type, value) of the wanted ones with one value; stops where one is not understood."""
    at, left = 4, _number(data, 0)
    while left > 0 and at + 4 <= len(data):
        left -= 1
        kind, number = struct.unpack_from("<HH", data, at)
        at += 4
        if number >= _NAMED:
            at = _behind_name(data, at)
        many, kind = bool(kind & _MANY), kind & ~_MANY
        if kind not in _VARIABLE and kind not in _WIDTHS:
            return
        count, at = (_number(data, at), at + 4) if many or kind in _VARIABLE else (1, at)
        if kind in _WIDTHS:
            at += count * _WIDTHS[kind]
            continue
        for index in range(min(count, len(data))):
            if at + 4 > len(data):
                return
            size = _number(data, at)
            if index == 0 and number in _WANTED:
                yield number, kind, data[at + 4 : at + 4 + size]
            at += 4 + _padded(size)


def _behind_name(data: bytes, at: int) -> int:
    """A named property says its set, then a number or a text."""
    is_text = _number(data, at + 16) == 1
    return at + 24 + (_padded(_number(data, at + 20)) if is_text else 0)


def _padded(size: int) -> int:
    return size + -size % 4


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")


def _text(data: bytes, code_page: str) -> str:
    return data[:_MAX_NAME].partition(b"\0")[0].decode(code_page, "replace")


def _known_code_page(data: bytes) -> str:
    name = f"cp{_number(data, 0)}"
    try:
        b"a".decode(name)
    except (LookupError, UnicodeError):
        return "utf-8" if name == "cp65001" else "cp1252"
    return name
