"""What a PDF does when it is opened, where it links and what it carries, read within limits.

Its bytes are read twice: as they stand, since readers show damaged files as well, and as qpdf understands them,
which sees through compressed and encrypted objects.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from seg_ml.signatures.pdf_streams import inflated

if TYPE_CHECKING:
    from pikepdf import Pdf

MAX_FILE = 32 << 20
MAX_OBJECTS = 4_000
MAX_TOTAL = 8 << 20
MAX_STREAM = 16 << 20
MAX_LINKS = 50
MAX_FILES = 20

_ESCAPE = re.compile(rb"#([0-9a-fA-F]{2})")
_NAME = re.compile(
    rb"/(JavaScript|JS|Launch|OpenAction|AA|EmbeddedFile|RichMedia|XFA|SubmitForm|ImportData|GoToR|Encrypt|AcroForm)\b"
)
_URI = re.compile(rb"/URI\s{0,4}\(((?:[^()\\\r\n]|\\.){1,2000})\)")
_HEX_URI = re.compile(rb"/URI\s{0,4}<([0-9a-fA-F\s]{2,4000})>")
_PAGE = re.compile(rb"/Type\s{0,4}/Page\b")
_STRING_ESCAPE = re.compile(rb"\\([()\\])")


@dataclass(frozen=True, slots=True)
class PdfFacts:
    """Names of actions and features that occur, targets of links, the number of pages, and files inside.

    `locked` where only a password opens it that nobody gave; `password` is the one that the text gave.
    `damage` says why qpdf gave up; the bytes were read all the same.
    """

    names: frozenset[str] = frozenset()
    links: tuple[str, ...] = ()
    pages: int = 0
    files: tuple[tuple[str, bytes], ...] = ()
    locked: bool = False
    password: str | None = None
    damage: str = ""


@lru_cache(maxsize=8)
def pdf_facts(content: bytes, passwords: tuple[str, ...] = ()) -> PdfFacts:
    """Facts of one file. Never raises on content."""
    content = content[:MAX_FILE]
    written = content + b"\n" + inflated(content)
    # ISO 32000-1 §7.3.5: any letter of a name may be written as #xx, and malware does.
    plain = _ESCAPE.sub(lambda match: bytes([int(match.group(1), 16)]), written) if b"#" in written else written
    opened = _Opened(content, passwords)
    names = _names(plain) | _names(opened.objects)
    in_clear = b"" if "Encrypt" in names and opened.objects else written  # encrypted strings are no links
    links = dict.fromkeys((*_links(in_clear), *_links(opened.objects)))
    return PdfFacts(
        names=names,
        links=tuple(list(links)[:MAX_LINKS]),
        pages=max(sum(1 for _ in _PAGE.finditer(written)), opened.pages),
        files=opened.files,
        locked=opened.locked,
        password=opened.password,
        damage=opened.damage,
    )


def _names(data: bytes) -> frozenset[str]:
    return frozenset(match.group(1).decode("ascii") for match in _NAME.finditer(data))


def _links(data: bytes) -> Iterator[str]:
    for match in _URI.finditer(data):
        yield _STRING_ESCAPE.sub(rb"\1", match.group(1)).decode("latin-1")
    for match in _HEX_URI.finditer(data):
        digits = b"".join(match.group(1).split())
        yield bytes.fromhex(digits.decode("ascii") + "0" * (len(digits) % 2)).decode("latin-1")


class _Opened:
    """A file as qpdf understands it: its objects written out again, in the clear."""

    def __init__(self, content: bytes, passwords: tuple[str, ...]) -> None:
        self.objects = b""
        self.pages = 0
        self.files: tuple[tuple[str, bytes], ...] = ()
        self.locked = False
        self.password: str | None = None
        self.damage = ""
        try:
            self._read(content, passwords)
        except Exception as error:  # qpdf and its bindings raise anything on hostile bytes
            self.damage = f"{type(error).__name__}: {error}"

    def _read(self, content: bytes, passwords: tuple[str, ...]) -> None:
        for password in (None, *passwords):
            pdf = open_pdf(content, password)
            if pdf is not None:
                self.password = password
                with pdf:
                    self._walk(pdf)
                return
        self.locked = True

    def _walk(self, pdf: Pdf) -> None:
        written: list[bytes] = []
        total = 0
        streams: list[Any] = []
        titles: dict[Any, str] = {}
        for count, item in enumerate(pdf.objects):
            if count >= MAX_OBJECTS or total > MAX_TOTAL:
                break
            data = _written(item)
            total += len(data)
            written.append(data)
            if b"/EF" in data:
                titles.update(_titles(item))
            if b"/EmbeddedFile" in data and b"/EmbeddedFiles" not in data:
                streams.append(item)
        self.objects = b"\n".join(written)
        self.pages = self.objects.count(b"/Type /Page ") + self.objects.count(b"/Type /Page\n")
        self.files = tuple(_files(streams, titles))


def open_pdf(content: bytes, password: str | None = None) -> Pdf | None:
    """The file opened by qpdf within limits, `None` where another password is needed.

    Raises:
        Exception: whatever qpdf makes of damaged bytes.
    """
    import pikepdf

    _limit()
    try:
        return pikepdf.open(io.BytesIO(content), password=password or "", suppress_warnings=True)
    except pikepdf.PasswordError:
        return None


@lru_cache(maxsize=1)
def _limit() -> None:
    from pikepdf.settings import set_qpdf_limits

    set_qpdf_limits(
        flate_max_memory=MAX_STREAM,
        run_length_max_memory=MAX_STREAM,
        png_max_memory=MAX_STREAM,
        tiff_max_memory=MAX_STREAM,
        dct_max_memory=4 * MAX_STREAM,
        max_stream_filters=10,
    )


def _written(item: Any) -> bytes:
    import pikepdf

    shown = item.stream_dict if isinstance(item, pikepdf.Stream) else item
    if not isinstance(shown, pikepdf.Dictionary | pikepdf.Array):
        return b""
    return bytes(shown.unparse(resolved=True))


def _titles(item: Any) -> Iterator[tuple[Any, str]]:
    """Names of embedded files by the number of their stream (ISO 32000-1 §7.11.3)."""
    import pikepdf

    if isinstance(item, pikepdf.Dictionary) and isinstance(item.get("/EF"), pikepdf.Dictionary):
        title = item.get("/UF") or item.get("/F")
        for stream in item["/EF"].values():
            yield stream.objgen, str(title)


def _files(streams: list[Any], titles: dict[Any, str]) -> Iterator[tuple[str, bytes]]:
    import pikepdf

    total = 0
    for number, stream in enumerate(streams[:MAX_FILES], 1):
        if not isinstance(stream, pikepdf.Stream) or total > MAX_STREAM:
            continue
        try:
            content = stream.read_bytes()
        except (pikepdf.PdfError, pikepdf.DataDecodingError, MemoryError):
            continue
        total += len(content)
        yield titles.get(stream.objgen, f"file {number}"), content
