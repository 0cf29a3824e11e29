"""Content-Transfer-Encoding, read leniently, as mail clients do (RFC 2045 §6)."""

from __future__ import annotations

import binascii
import re

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]+")


def decode_body(body: bytes, encoding: str | None) -> tuple[bytes, str | None]:
    """Decoded content, and the code of a defect where the encoding is broken or unknown."""
    name = (encoding or "7bit").split(";")[0].strip().strip("\"'").lower()
    if name in ("7bit", "8bit", "binary", ""):
        return body, None
    if name == "base64":
        return _base64(body)
    if name == "quoted-printable":
        return binascii.a2b_qp(body), None
    if name in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return _uuencode(body)
    return body, "unknown-transfer-encoding"


def _base64(body: bytes) -> tuple[bytes, str | None]:
    """Every quantum that can be read, also those after a padding in the middle."""
    clean = _NOT_BASE64.sub(b"", body)
    head, padding, rest = clean.partition(b"=")
    rest = rest.lstrip(b"=")
    defect = "base64-after-padding" if rest else None
    content = _quanta(head)
    if rest:
        content += _quanta(rest.replace(b"=", b""))
    if (len(head) % 4 and not padding) or len(head) % 4 == 1:
        defect = defect or "base64-truncated"
    return content, defect


def _quanta(digits: bytes) -> bytes:
    whole = len(digits) - len(digits) % 4
    tail = digits[whole:]
    content = binascii.a2b_base64(digits[:whole])
    if len(tail) >= 2:
        content += binascii.a2b_base64(tail + b"=" * (4 - len(tail)))
    return content


def _uuencode(body: bytes) -> tuple[bytes, str | None]:
    start = body.find(b"begin ")
    if start < 0:
        return body, "uuencode-no-begin"
    content: list[bytes] = []
    for line in body[start:].split(b"\n")[1:]:
        line = line.rstrip(b"\r")
        if line.strip() == b"end":
            return b"".join(content), None
        try:
            content.append(binascii.a2b_uu(line))
        except binascii.Error:
            # Known broken encoders pad the line; the length octet tells what counts.
            wanted = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0
            try:
                content.append(binascii.a2b_uu(line[:wanted]))
            except binascii.Error:
                return b"".join(content), "uuencode-broken"
    return b"".join(content), "uuencode-no-end"
