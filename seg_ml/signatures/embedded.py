"""Files that a document carries inside: PDF attachments, OneNote and OLE objects, ActiveMime, Outlook's winmail.dat."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator

from seg_ml.domain.message import Part
from seg_ml.signatures.filetypes import magic
from seg_ml.signatures.office_crypto import locked_office
from seg_ml.signatures.ole_objects import native_objects, objects_of
from seg_ml.signatures.pdf import pdf_facts
from seg_ml.signatures.tnef import tnef_files
from seg_ml.signatures.unpack.archive import FAILURES

MAX_FILES = 20
MAX_FILE = 16 << 20

_ONE_OBJECT = bytes.fromhex("e716e3bd65261145a4c48d4d0b7a9eac")  # MS-ONESTORE §2.6.13, FileDataStoreObject
_ONE_HEAD = struct.Struct("<QIQ")
_ACTIVEMIME_HEAD = 0x20
_PAGE_MARKS = (b"<html", b"<script", b"<hta:", b"<!doctype html")

Named = tuple[str, bytes]


def embedded_of(part: Part, passwords: tuple[str, ...] = ()) -> tuple[Part, ...]:
    """The files that one file carries, none where it is no document or carries nothing."""
    kind = magic(part.content)
    if kind == "pdf":
        named: Iterator[Named] = iter(pdf_facts(part.content, passwords).files)
    elif kind in _READERS:
        named = _READERS[kind](part.content)
    else:
        return ()
    if kind == "ole":
        locked = locked_office(part.content, passwords)
        if locked is not None and locked.content is not None:
            named = iter([(part.filename or "document", locked.content)])
    found = [
        Part(f"{part.path}!{name}"[:300], "application/octet-stream", data, filename=name, disposition="attachment")
        for name, data in _few(named)
    ]
    return (*found, *objects_of(part)) if kind == "ole" else tuple(found)


def _few(named: Iterator[Named]) -> Iterator[Named]:
    for count, (name, data) in enumerate(named):
        if count >= MAX_FILES:
            return
        yield name, data


def _of_onenote(content: bytes) -> Iterator[Named]:
    number, at = 0, content.find(_ONE_OBJECT)
    while at >= 0:
        start = at + len(_ONE_OBJECT)
        if start + _ONE_HEAD.size > len(content):
            return
        size, _, _ = _ONE_HEAD.unpack_from(content, start)
        data = content[start + _ONE_HEAD.size :][: min(size, MAX_FILE)]
        number += 1
        yield f"object {number}{_ending(data)}", data
        at = content.find(_ONE_OBJECT, start)


def _ending(data: bytes) -> str:
    """What a reader would show: OneNote keeps the name elsewhere."""
    return ".html" if any(mark in data[:4096].lower() for mark in _PAGE_MARKS) else ""


def _of_office(content: bytes) -> Iterator[Named]:
    if b"[Content_Types].xml" not in content:
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for item in archive.infolist():
                if "embeddings/" in item.filename and not item.is_dir() and item.file_size <= MAX_FILE:
                    with archive.open(item) as stream:
                        yield item.filename, stream.read(MAX_FILE)
    except FAILURES:
        return


def _of_tnef(content: bytes) -> Iterator[Named]:
    return tnef_files(content, MAX_FILE)


def _of_activemime(content: bytes) -> Iterator[Named]:
    """The OLE file that Word and Excel pack beside a page which they save; oletools' `mso_file_extract`."""
    start = content.find(b"\x78", _ACTIVEMIME_HEAD, _ACTIVEMIME_HEAD + 64)
    if start >= 0:
        try:
            yield "macros.ole", zlib.decompressobj().decompress(content[start:], MAX_FILE)
        except zlib.error:
            return


_READERS: dict[str, Callable[[bytes], Iterator[Named]]] = {
    "one": _of_onenote,
    "zip": _of_office,
    "tnef": _of_tnef,
    "activemime": _of_activemime,
    "ole": native_objects,
}

CARRIERS = frozenset({"pdf", *_READERS})
"""Types of files that may carry others."""
