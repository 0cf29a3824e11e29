"""Raw messages as files named by their SHA-256. A file that exists is whole: it is renamed into place."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from seg_ml.domain.errors import StoreError


class Blobs:
    """A folder of messages, two letters of the digest a subfolder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Where the blob of this digest lies."""
        return self.folder / sha256[:2] / sha256

    def put(self, raw: bytes) -> str:
        """Write durably: file and folder are on disk on return. Returns the digest.

        Raises:
            StoreError: the disk is full or refuses.
        """
        sha256 = hashlib.sha256(raw).hexdigest()
        path = self.path(sha256)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists():
                os.utime(path)  # young again, so that the clean-up leaves it to its new row
            else:
                self._write(path, raw)
            # A blob that another transaction just wrote may not have reached the disk yet.
            _sync_folder(path.parent)
            _sync_folder(self.folder)
        except OSError as error:
            raise StoreError(f"{path}: {error.strerror}") from error
        return sha256

    def get(self, sha256: str) -> bytes:
        """The message of this digest.

        Raises:
            StoreError: it is gone or damaged.
        """
        path = self.path(sha256)
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise StoreError(f"{path}: {error.strerror}") from error
        if hashlib.sha256(raw).hexdigest() != sha256:
            raise StoreError(f"{path}: its SHA-256 is not its name")
        return raw

    def remove(self, sha256: str) -> None:
        """Forget a blob; one that is gone already is no error."""
        self.path(sha256).unlink(missing_ok=True)

    def older_than(self, moment: float) -> Iterator[str]:
        """Digests of blobs last touched before this time."""
        for path in self.folder.glob("??/*"):
            if len(path.name) == 64 and path.stat().st_mtime < moment:
                yield path.name

    def _write(self, path: Path, raw: bytes) -> None:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".incoming-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
