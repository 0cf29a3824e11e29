"""Raw messages in the forms that people keep mail in: `.eml` files, mbox, Maildir."""

from __future__ import annotations

import mailbox
import re
from collections.abc import Iterator
from pathlib import Path

from seg_ml.domain.errors import CorpusError

Found = tuple[str, str, bytes]
"""Name of a message inside its source, name of the folder it lies in, raw bytes."""

_FIRST_LINE = re.compile(rb"(?:>?From |[!-9;-~]+[ \t]*:)")


def read_files(path: Path) -> Iterator[Found]:
    """Messages of a folder of `.eml`, a Maildir, an mbox or one `.eml`, in a fixed order.

    Raises:
        CorpusError: the path does not exist or is none of these, or a file in it is no message.
    """
    if not path.exists():
        raise CorpusError(f"{path} does not exist: give a folder of .eml files, an mbox, a Maildir or a CSV file")
    for name, folder, raw in _reader(path):
        if not _FIRST_LINE.match(raw.lstrip(b"\r\n")):
            raise CorpusError(f"{path}: {name} does not begin with a header field, so it is no message: remove it")
        yield name, folder, raw


def _reader(path: Path) -> Iterator[Found]:
    if path.is_dir():
        return _maildir(path) if (path / "cur").is_dir() else _folder(path)
    return _single(path) if path.suffix.lower() == ".eml" else _mbox(path)


def _folder(path: Path) -> Iterator[Found]:
    for file in sorted(path.rglob("*.eml")):
        yield file.relative_to(path).as_posix(), file.parent.name, file.read_bytes()


def _single(path: Path) -> Iterator[Found]:
    yield path.name, path.parent.name, path.read_bytes()


def _maildir(path: Path) -> Iterator[Found]:
    for file in sorted(file for part in ("cur", "new") for file in (path / part).glob("*") if file.is_file()):
        yield file.relative_to(path).as_posix(), path.name, file.read_bytes()


def _mbox(path: Path) -> Iterator[Found]:
    with path.open("rb") as stream:
        if not stream.read(5) == b"From ":
            raise CorpusError(
                f"{path} is no mbox (its first line does not begin with 'From '): rename a message to .eml"
            )
    box = mailbox.mbox(path, create=False)
    for number, key in enumerate(box.iterkeys()):
        # With its From_ line: that is where an mbox keeps the envelope's sender.
        yield f"{path.name}:{number:06d}", path.stem, box.get_bytes(key, from_=True)
