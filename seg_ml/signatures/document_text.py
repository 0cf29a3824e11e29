"""The text of attached documents: the first pages of a PDF, and Word files. What a message says outside itself."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import lru_cache

from seg_ml.domain.message import Message, Part
from seg_ml.signatures.archives import files_of, passwords_of
from seg_ml.signatures.filetypes import magic
from seg_ml.signatures.ooxml import xml_members
from seg_ml.signatures.pdf_pages import written_text
from seg_ml.signatures.unpack.limits import DEFAULT_ARCHIVE_LIMITS, ArchiveLimits

MAX_DOCUMENTS = 3
MAX_TEXT = 20_000

_WORD = re.compile(r"word/(?:document|footnotes|header\d{0,3}|footer\d{0,3})\.xml")
_BREAK = re.compile(r"<w:(?:p|br|tab)\b[^<>]*>|</w:p>")
_TAG = re.compile(r"<[^<>]*>")


def text_of_documents(message: Message, limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS) -> Iterator[tuple[Part, str]]:
    """(document, text) of the first documents that hold any. Never raises on content."""
    read = 0
    for part in files_of(message, limits):
        text = _text(part, passwords_of(message))
        if text.strip():
            yield part, text
            read += 1
            if read >= MAX_DOCUMENTS:
                return


def _text(part: Part, passwords: tuple[str, ...]) -> str:
    kind = magic(part.content)
    if kind == "pdf":
        return written_text(part.content, passwords)[:MAX_TEXT]
    return _of_word(part.content) if kind == "zip" and b"word/" in part.content else ""


@lru_cache(maxsize=2)
def _of_word(content: bytes) -> str:
    pages = [data.decode("utf-8", "replace") for name, data in xml_members(content) if _WORD.fullmatch(name)]
    return "\n".join(html.unescape(_TAG.sub("", _BREAK.sub("\n", page)))[:MAX_TEXT] for page in pages)[:MAX_TEXT]
