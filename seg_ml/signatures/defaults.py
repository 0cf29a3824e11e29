"""The signatures in use when nobody names others, in the order in which they run and are reported."""

from __future__ import annotations

DEFAULT_IDS: tuple[str, ...] = (
    "reply-to-mismatch",
    "display-name-impersonation",
    "lookalike-domain",
    "failed-authentication",
    "link-text-mismatch",
    "link-raw-ip",
    "link-punycode",
    "link-shortener",
    "hidden-text",
    "html-attachment",
    "executable-attachment",
    "office-macro",
    "yara",
    "known-hash",
)
