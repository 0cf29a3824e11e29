"""Bytes to text, whatever charset is claimed."""

from __future__ import annotations

import codecs
import re

# Codecs of the standard library that are no charsets, or cost more than linear time.
_REFUSED = frozenset(
    {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem", "utf-7", "utf7", "utf_7"}
)
_CHARSET_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,63}")


def decode_bytes(data: bytes, charset: str | None) -> tuple[str, bool]:
    """Text of `data`, and whether the claimed charset is known and fits.

    A claim of US-ASCII or UTF-8 that does not hold is read as Windows-1252, as mail clients do.
    """
    codec = _codec(charset)
    if codec in (None, "ascii", "utf-8"):
        try:
            return data.decode("utf-8"), codec is not None or charset is None
        except UnicodeDecodeError:
            return data.decode("cp1252", "replace"), False
    assert codec is not None
    try:
        return data.decode(codec), True
    except (UnicodeError, ValueError):
        return data.decode(codec, "replace"), False


def _codec(charset: str | None) -> str | None:
    name = (charset or "ascii").strip().strip("'\"")
    if not _CHARSET_NAME.fullmatch(name) or name.lower() in _REFUSED:
        return None
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    if not getattr(info, "_is_text_encoding", True) or info.name in _REFUSED:
        return None
    return info.name
