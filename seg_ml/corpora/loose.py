"""Unlabelled messages in whatever form they lie: `.eml`, folder, Maildir, mbox, tar archive."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

from seg_ml.corpora.archive import MESSAGE_BYTES
from seg_ml.corpora.own_files import read_files
from seg_ml.domain.errors import CorpusError

_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2")


def loose_messages(path: Path) -> Iterator[tuple[str, bytes]]:
    """(name, raw bytes) of every message below a path, in the order in which it lies there.

    A single file of any name is one message, unless it is an mbox or an archive. Archives are streamed,
    never unpacked to disk.

    Raises:
        CorpusError: the path does not exist, or an archive cannot be read.
    """
    if path.name.lower().endswith(_ARCHIVES):
        yield from _archive(path)
    elif path.is_file() and not _is_mbox(path):
        yield str(path), path.read_bytes()
    else:
        prefix = f"{path}/" if path.is_dir() else ""
        for name, _, raw in read_files(path):
            yield prefix + name, raw


def _is_mbox(path: Path) -> bool:
    """An `.eml` may carry one From_ line of its own; an mbox is named otherwise."""
    if path.suffix.lower() == ".eml":
        return False
    with path.open("rb") as stream:
        return stream.read(5) == b"From "


def _archive(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with tarfile.open(path, "r|*") as archive:
            for member in archive:
                if not member.isfile() or member.name.endswith(".json"):
                    continue
                if member.size > MESSAGE_BYTES:
                    raise CorpusError(f"{path}: {member.name} has {member.size} bytes, more than {MESSAGE_BYTES}")
                stream = archive.extractfile(member)
                yield member.name, stream.read() if stream else b""
    except (tarfile.TarError, EOFError, OSError) as error:
        raise CorpusError(f"{path} cannot be read as a tar archive: {error}") from error
