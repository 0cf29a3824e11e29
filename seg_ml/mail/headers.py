"""Header fields: splitting, unfolding, encoded words, parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message as ParameterReader
from email.utils import collapse_rfc2231_value

from seg_ml.domain.message import Defect
from seg_ml.mail.charset import decode_bytes
from seg_ml.mail.limits import Limits

_FIELD_START = re.compile(rb"([!-9;-~]+)[ \t]*:")
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")


@dataclass(frozen=True, slots=True)
class RawField:
    """A field as it was sent: its name, and its value unfolded but not decoded."""

    name: str
    value: str


def parse_fields(block: bytes, limits: Limits) -> tuple[list[RawField], list[Defect]]:
    """The fields of a header block, in order, and what is wrong with them (RFC 5322 §2.2)."""
    defects: list[Defect] = []
    if len(block) > limits.header_block:
        defects.append(Defect("header-block-limit", f"{len(block)} bytes"))
        block = block[: limits.header_block]
    fields: list[RawField] = []
    for name, lines in _fields(block, defects):
        if len(fields) >= limits.header_fields:
            defects.append(Defect("header-fields-limit", f"more than {limits.header_fields} fields"))
            break
        value = b"".join(lines)
        if len(value) > limits.header_field:
            defects.append(Defect("header-field-limit", f"{name}: {len(value)} bytes"))
            value = value[: limits.header_field]
        fields.append(RawField(name, decode_bytes(value.strip(), "utf-8")[0].replace("\0", "")))
    return fields, defects


def _fields(block: bytes, defects: list[Defect]) -> list[tuple[str, list[bytes]]]:
    fields: list[tuple[str, list[bytes]]] = []
    for number, line in enumerate(block.split(b"\n")):
        line = line.rstrip(b"\r")
        if line[:1] in (b" ", b"\t"):
            if fields:
                fields[-1][1].append(line.replace(b"\r", b" "))
            continue
        match = _FIELD_START.match(line)
        if match:
            fields.append((match.group(1).decode("ascii"), [line[match.end() :].replace(b"\r", b" ")]))
        elif line and not (number == 0 and line.startswith((b"From ", b">From "))):
            defects.append(Defect("not-a-header-field", f"line {number + 1}"))
    return fields


def decode_value(value: str) -> tuple[str, bool]:
    """A value with its encoded words (RFC 2047) decoded, and whether that went well."""
    if "=?" not in value:
        return value, True
    try:
        chunks = decode_header(value)
    except (HeaderParseError, ValueError):
        return value, False
    clean, text = True, []
    for chunk, charset in chunks:
        if isinstance(chunk, str):
            text.append(chunk)
            continue
        decoded, known = decode_bytes(chunk, charset or "utf-8")
        clean &= known
        text.append(decoded)
    return "".join(text), clean


def first(fields: list[RawField], name: str) -> str | None:
    """The first value of a field, the name in lower case."""
    return next((item.value for item in fields if item.name.lower() == name), None)


def content_type(fields: list[RawField], default: str) -> tuple[str, dict[str, str]]:
    """Media type in lower case and its parameters; RFC 2045 §5.2's default where it is absent or malformed."""
    value = first(fields, "content-type")
    if value is None:
        return default, {}
    media_type = value.partition(";")[0].strip().lower()
    if not _MEDIA_TYPE.fullmatch(media_type):
        media_type = "text/plain"
    return media_type, parameters(value)


def parameters(value: str) -> dict[str, str]:
    """Parameters of a structured field (RFC 2045, RFC 2231), names in lower case, the first of each wins."""
    reader = ParameterReader()
    reader["Content-Type"] = value.replace("\n", " ").replace("\r", " ")
    try:
        pairs = reader.get_params(failobj=[], header="content-type") or []
    except (ValueError, IndexError, TypeError, UnicodeError):
        return {}
    found: dict[str, str] = {}
    for name, raw in pairs[1:]:
        try:
            text = collapse_rfc2231_value(raw) if isinstance(raw, tuple) else raw
        except (LookupError, ValueError, TypeError):
            text = str(raw[2]) if isinstance(raw, tuple) else raw
        found.setdefault(name.lower(), decode_value(text)[0])
    return found
