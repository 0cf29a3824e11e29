"""Fields of a header block by their place in the bytes. Linear, and never fails."""

from __future__ import annotations

import re
from collections.abc import Iterator

_NAME = re.compile(rb"([!-9;-~]+)[ \t]*:")


def block_end(raw: bytes) -> int:
    """Where the header block ends: at the empty line, or with the message."""
    if raw.startswith(b"\r\n"):
        return 0
    end = raw.find(b"\r\n\r\n")
    return len(raw) if end < 0 else end + 2


def fields(raw: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name in lower case, start and end of each field, folded lines included.

    A line that is no field has an empty name: readers differ on whether the block ends there, so it
    does not end here.
    """
    start, end = 0, block_end(raw)
    while start < end:
        stop = _next_line(raw, start, end)
        while stop < end and raw[stop] in b" \t":
            stop = _next_line(raw, stop, end)
        match = _NAME.match(raw, start, stop)
        yield (match[1].lower() if match else b""), start, stop
        start = stop


def values(raw: bytes, name: bytes) -> list[bytes]:
    """The unparsed values of all fields of this name, in order."""
    return [raw[start:stop].partition(b":")[2] for found, start, stop in fields(raw) if found == name]


def _next_line(raw: bytes, start: int, end: int) -> int:
    newline = raw.find(b"\n", start, end)
    return end if newline < 0 else newline + 1


def without_comments(value: bytes) -> bytes:
    """The value with comments and quoted strings cut out (RFC 5322 §3.2)."""
    kept, depth, quoted, escaped = bytearray(), 0, False, False
    for byte in value:
        if escaped:
            escaped = False
        elif byte == 0x5C and (depth or quoted):
            escaped = True
        elif quoted:
            quoted = byte != 0x22
        elif byte == 0x22 and not depth:
            quoted = True
        elif byte == 0x28:
            depth += 1
        elif byte == 0x29 and depth:
            depth -= 1
        elif not depth:
            kept.append(byte)
    return bytes(kept)


def author_domain(raw: bytes) -> str | None:
    """The domain of `author`, as DNS knows it."""
    address = author(raw)
    return normal_domain(address.rpartition("@")[2]) if address is not None else None


def author(raw: bytes) -> str | None:
    """The address of From, in lower case; `None` where there is none or readers could differ on it.

    Exactly one field with exactly one address is needed (RFC 9989 §4.7 leaves the rest to the receiver:
    what is in doubt is never authenticated).
    """
    found = values(raw, b"from")
    if len(found) != 1 or len(found[0]) > 8192:
        return None
    # A quoted local part leaves an address that begins with `@`, which still names the domain.
    text = without_comments(found[0]).decode("utf-8", "replace")
    angles = re.findall(r"<([^<>]*)>", text)
    candidates = angles or re.findall(r"[^\s<>,;:]*@[^\s<>,;:]+", text)
    if len(candidates) != 1 or candidates[0].count("@") != 1:
        return None
    return str(candidates[0]).strip().lower()


def authors(raw: bytes) -> tuple[str, ...]:
    """All addresses that From names, in lower case; none where there is not exactly one field, or it has no clear end.

    Whatever looks like an address counts, also in an unquoted display name: better one too many than one missed.
    """
    found = values(raw, b"from")
    if len(found) != 1 or len(found[0]) > 8192:
        return ()
    # What is not closed swallows the mark: a reader that is less strict would see more than we do.
    kept = without_comments(found[0] + b"\0")
    if not kept.endswith(b"\0"):
        return ()
    text = kept[:-1].decode("utf-8", "replace")
    return tuple(word.lower() for word in re.split(r"[\s<>,;:]+", text) if "@" in word)


def normal_domain(domain: str) -> str | None:
    """The domain as DNS knows it: lower case, IDNA-encoded; `None` where it is no domain."""
    try:
        encoded = domain.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    labels = encoded.split(".")
    good = len(labels) > 1 and all(re.fullmatch(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", label) for label in labels)
    return encoded if good and len(encoded) <= 253 else None
