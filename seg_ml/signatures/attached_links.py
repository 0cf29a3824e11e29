"""Links that a reader meets only after opening an attachment: in PDF, HTML, Office files, texts and attached mail."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from seg_ml.domain.message import Message, Part
from seg_ml.signatures.archives import files_of, passwords_of
from seg_ml.signatures.filetypes import magic
from seg_ml.signatures.ooxml import xml_members
from seg_ml.signatures.pdf import pdf_facts
from seg_ml.signatures.unpack.limits import DEFAULT_ARCHIVE_LIMITS, ArchiveLimits
from seg_ml.signatures.urls import Url, unwrap

MAX_LINKS = 100
MAX_PAGE = 1 << 20

_PAGES = (".html", ".htm", ".xhtml", ".svg", ".mht")
_TEXTS = (".txt", ".url", ".webloc", ".ics", ".vcf", ".rtf")
_BARE = re.compile(r"https?://[^\s\"'<>{}|\\^`]{3,2000}", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""\b(?:href|action|src|url)\s{0,3}=\s{0,3}["']?\s{0,3}(https?://[^\s"'<>]{3,2000})""", re.IGNORECASE
)
_HYPERLINK = re.compile(rb"""/hyperlink["'][^<>]{0,300}Target\s{0,3}=\s{0,3}["'](https?://[^"'<>]{3,2000})""")


def attached_links(message: Message, limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS) -> Iterator[tuple[Part, Url]]:
    """(file, link) of every attachment, unwrapped, each link of a file once."""
    inside = tuple(part.path + "." for part in message.parts if part.content_type == "message/rfc822")
    for part in files_of(message, limits):
        yield from _parsed(part, _targets(part, passwords_of(message)))
    for part in message.parts:
        if inside and part.path.startswith(inside) and part.text is not None and not part.is_attachment:
            yield from _parsed(part, _of_page(part.text) if part.content_type == "text/html" else _of_text(part.text))


def _parsed(part: Part, targets: Iterator[str]) -> Iterator[tuple[Part, Url]]:
    seen: set[str] = set()
    for target in targets:
        if len(seen) >= MAX_LINKS:
            return
        if target not in seen:
            seen.add(target)
            url = unwrap(target)
            if url is not None and url.is_web:
                yield part, url


def _targets(part: Part, passwords: tuple[str, ...]) -> Iterator[str]:
    if magic(part.content) == "pdf":
        yield from pdf_facts(part.content, passwords).links
    elif part.content_type == "text/html" or (part.filename or "").lower().endswith(_PAGES):
        yield from _of_page(part.text or part.content[:MAX_PAGE].decode("utf-8", "replace").replace("\0", ""))
    elif (part.content_type == "text/plain" and not part.is_attachment) or _is_text(part):
        yield from _of_text(part.text or part.content[:MAX_PAGE].decode("utf-8", "replace").replace("\0", ""))
    else:
        for name, data in xml_members(part.content):
            if name.endswith(".rels"):
                yield from (
                    html.unescape(match.group(1).decode("utf-8", "replace")) for match in _HYPERLINK.finditer(data)
                )


def _of_page(text: str) -> Iterator[str]:
    return (html.unescape(match.group(1)) for match in _ATTRIBUTE.finditer(text[:MAX_PAGE]))


def _is_text(part: Part) -> bool:
    return (part.filename or "").lower().endswith(_TEXTS) or magic(part.content) == "rtf"


def _of_text(text: str) -> Iterator[str]:
    return (match.group().rstrip(".,;:!?)*") for match in _BARE.finditer(text[:MAX_PAGE]))
