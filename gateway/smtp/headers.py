"""The header block of a relayed message: read and cut by the byte, never parsed and written anew.

What is put in front leaves every signature over the message valid; what is cut is only what a sender
wrote in our name (RFC 8601 §5).
"""

from __future__ import annotations

import hashlib

from gateway.authentication.fields import block_end, fields

TRACE_PREFIX = b"x-seg-"


def strip_ours(raw: bytes, authserv_id: str) -> bytes:
    """The message without fields that claim to be ours."""
    lowered = raw[: block_end(raw)].lower()
    if TRACE_PREFIX not in lowered and b"authentication-results" not in lowered:
        return raw
    kept, position = [], 0
    for name, start, stop in fields(raw):
        if _claims_to_be_ours(name, raw, start, stop, authserv_id):
            kept.append(raw[position:start])
            position = stop
    return b"".join(kept) + raw[position:] if kept else raw


def _claims_to_be_ours(name: bytes, raw: bytes, start: int, stop: int, authserv_id: str) -> bool:
    if name.startswith(TRACE_PREFIX):
        return True
    if name != b"authentication-results":
        return False
    return _first_token(raw[start:stop].partition(b":")[2]) == authserv_id.lower()


def _first_token(value: bytes) -> str:
    """The authserv-id: what stands first, after comments and white space (RFC 8601 §2.2)."""
    depth, token, escaped = 0, bytearray(), False
    for byte in value[:2000]:
        character = bytes((byte,))
        if escaped:
            escaped = False
            if depth:
                continue
        elif character == b"\\":
            escaped = True
            continue
        elif character == b"(":
            depth += 1
        elif character == b")" and depth:
            depth -= 1
            continue
        if depth:
            continue
        if character in b" \t\r\n;":
            if token:
                break
            continue
        if character != b'"':
            token += character
    return token.decode("latin-1").lower()


def count_received(raw: bytes) -> int:
    """How many servers say that they had the message."""
    return sum(name == b"received" for name, _, _ in fields(raw))


def has_token(raw: bytes, token: str) -> bool:
    """Whether one of its Received fields bears our loop token."""
    wanted = token.encode("ascii")
    return any(name == b"received" and wanted in raw[start:stop] for name, start, stop in fields(raw))


def message_id_hash(raw: bytes) -> str:
    """The first 16 hex digits of the SHA-256 of the Message-ID, empty where there is none."""
    for name, start, stop in fields(raw):
        if name == b"message-id":
            value = raw[start:stop].partition(b":")[2].strip()
            return hashlib.sha256(value).hexdigest()[:16]
    return ""
