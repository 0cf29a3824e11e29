"""The organization whose address the text of a link shows."""

from __future__ import annotations

import re

from seg_ml.signatures.domains import organizational_domain, public_suffix
from seg_ml.signatures.urls import unwrap

_SHOWN = re.compile(
    r"\s*(?P<scheme>https?://)?(?P<host>(?:[\w-]{1,63}\.){1,8}[a-z]{2,24})(?::\d+)?(?:[/?#]\S*)?\s*", re.IGNORECASE
)
_FILE_ENDINGS = frozenset(["zip", "py", "sh", "md", "pl", "rs", "ps", "so", "cc", "js", "mov", "app", "cab", "java"])
_MAX_TEXT = 500


def shown_domain(text: str) -> str:
    """The organizational domain that a link's text shows, empty where the text is no address."""
    found = _SHOWN.fullmatch(text) if len(text) <= _MAX_TEXT else None
    if found is None:
        return ""
    host = found.group("host").lower()
    if found.group("scheme"):
        shown = unwrap(text.strip())
        return shown.domain if shown is not None else ""
    # Without a scheme "readme.md" is a file and "invoice.doc" is nothing; a host ends in a public suffix.
    suffix = public_suffix(host)
    is_host = host.startswith("www.") or (suffix and suffix not in _FILE_ENDINGS)
    return organizational_domain(host) if is_host else ""
