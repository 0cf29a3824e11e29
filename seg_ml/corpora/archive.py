"""Tar archives of messages: found, checked against their pinned hash, read in a fixed order."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from seg_ml.corpora.card import Card, load_card
from seg_ml.corpora.catalogue import RawMail
from seg_ml.domain.digest import file_sha256
from seg_ml.domain.errors import CorpusError

MESSAGE_BYTES = 64 * 1024 * 1024
"""Longest message that is read from an archive."""

DEFAULT_CORPORA_DIR = Path(__file__).resolve().parents[3] / "shared" / "corpora"


def corpora_dir() -> Path:
    """The folder of archives: `$SEG_CORPORA_DIR`, else `shared/corpora` beside the checkout."""
    return Path(os.environ.get("SEG_CORPORA_DIR") or DEFAULT_CORPORA_DIR)


def checked(path: Path, sha256: str, advice: str) -> Path:
    """The path, once its file is there and has the pinned hash.

    Raises:
        CorpusError: it is missing or differs; `advice` says what to do.
    """
    if not path.is_file():
        raise CorpusError(f"{path} does not exist: {advice}")
    found = file_sha256(path)
    if found != sha256:
        raise CorpusError(f"{path} is damaged or another version: sha256 {found}, expected {sha256}: {advice}")
    return path


def tar_members(path: Path, wanted: Callable[[PurePosixPath], bool]) -> Iterator[tuple[PurePosixPath, bytes]]:
    """Wanted files of an archive, by name. Nothing is unpacked to disk.

    Raises:
        CorpusError: the archive cannot be read, or a member is longer than `MESSAGE_BYTES`.
    """
    try:
        with tarfile.open(path) as archive:
            yield from sorted(_contents(archive, wanted))
    except (tarfile.TarError, EOFError, OSError) as error:
        raise CorpusError(f"{path} cannot be read as a tar archive: {error}; fetch it again") from error


def _contents(
    archive: tarfile.TarFile, wanted: Callable[[PurePosixPath], bool]
) -> Iterator[tuple[PurePosixPath, bytes]]:
    for member in archive:
        name = PurePosixPath(member.name)
        if not member.isfile() or not wanted(name):
            continue
        if member.size > MESSAGE_BYTES:
            raise CorpusError(f"{name} has {member.size} bytes, more than {MESSAGE_BYTES}; leave it out of the archive")
        stream = archive.extractfile(member)
        yield name, stream.read() if stream else b""


@dataclass(frozen=True)
class ArchiveSource:
    """An archive of `$SEG_CORPORA_DIR`, laid out as `<archive>/<kind>/<name>.eml`."""

    id: str

    @property
    def card(self) -> Card:
        """The card in `data/`."""
        return load_card(self.id)

    @property
    def origin(self) -> str:
        """The archive's file name."""
        return self.card.location

    def messages(self) -> Iterator[RawMail]:
        """Every `.eml`, by name.

        Raises:
            CorpusError: the archive is missing or damaged, or holds a folder that the card does not know.
        """
        card = self.card
        advice = "set SEG_CORPORA_DIR to the folder of archives and copy it there again"
        path = checked(corpora_dir() / card.location, card.sha256, advice)
        for name, raw in tar_members(path, lambda member: member.suffix == ".eml"):
            yield labelled(card, name, raw)


def labelled(card: Card, name: PurePosixPath, raw: bytes) -> RawMail:
    """A message with the label that its folder has on the card.

    Raises:
        CorpusError: the card does not name the folder.
    """
    kind = name.parent.name
    if kind not in card.labels:
        raise CorpusError(
            f"{card.location}: {name}: folder {kind!r} is not among the labels of data/{card.id}.md; add it"
        )
    return RawMail(raw=raw, kind=kind, label=card.labels[kind], source_path=str(name))
