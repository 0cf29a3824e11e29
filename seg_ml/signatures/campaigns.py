"""Bodies of mail that was confirmed bad, as MinHash signatures in an SQLite file."""

from __future__ import annotations

import sqlite3
from array import array
from dataclasses import dataclass
from pathlib import Path
from threading import local
from types import TracebackType

from seg_ml.domain.errors import ConfigError
from seg_ml.signatures.minhash import BANDS, bands, minhash, similarity

FORM = 1
"""Rises when signatures or bands are computed in another way."""

MAX_CANDIDATES = 50

_SCHEMA = """
CREATE TABLE IF NOT EXISTS campaigns (id INTEGER PRIMARY KEY, name TEXT, added TEXT, signature BLOB UNIQUE);
CREATE TABLE IF NOT EXISTS bands (band INTEGER, id INTEGER, PRIMARY KEY (band, id)) WITHOUT ROWID;
"""
_ASK = f"""
SELECT name, added, signature FROM campaigns WHERE id IN
  (SELECT id FROM bands WHERE band IN ({", ".join("?" * BANDS)}) LIMIT {MAX_CANDIDATES})
"""  # noqa: S608 - only question marks


@dataclass(frozen=True, slots=True)
class Likeness:
    """A confirmed body, when it was added, and the share of wording in common."""

    name: str
    added: str
    share: float


class CampaignStore:
    """Look-ups. What another process adds is seen at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = local()
        self._connection()

    def nearest(self, text: str) -> Likeness | None:
        """The confirmed body that shares most with a text, `None` where none shares a band with it."""
        signature = minhash(text)
        if signature is None:
            return None
        found = [
            Likeness(name, added, similarity(signature, array("I", stored)))
            for name, added, stored in self._connection().execute(_ASK, bands(signature))
        ]
        return max(found, key=lambda likeness: likeness.share, default=None)

    def _connection(self) -> sqlite3.Connection:
        known: sqlite3.Connection | None = getattr(self._thread, "connection", None)
        if known is None:
            try:
                known = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)
                (form,) = known.execute("PRAGMA user_version").fetchone()
            except sqlite3.Error as error:
                raise ConfigError(f"campaign store {self._path}: {error}") from error
            if form != FORM:
                raise ConfigError(f"campaign store {self._path}: form {form}, this version reads {FORM}")
            self._thread.connection = known
        return known


class CampaignWriter:
    """Adds bodies; a context that commits at its end. Makes the file where there is none."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._connection = sqlite3.connect(path, timeout=30)
            (form,) = self._connection.execute("PRAGMA user_version").fetchone()
            if form not in (0, FORM):
                raise ConfigError(f"campaign store {path}: form {form}, this version writes {FORM}")
            self._connection.executescript(f"{_SCHEMA}; PRAGMA user_version = {FORM}")
        except sqlite3.Error as error:
            raise ConfigError(f"campaign store {path}: {error}") from error

    def __enter__(self) -> CampaignWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self._connection.commit()
        self._connection.close()

    def add(self, text: str, name: str, day: str) -> bool:
        """Add a body; false where it is too short or there already."""
        signature = minhash(text)
        return signature is not None and self.add_signature(signature, name, day)

    def add_signature(self, signature: array[int], name: str, day: str) -> bool:
        """Add a signature; false where it is there already."""
        done = self._connection.execute(
            "INSERT OR IGNORE INTO campaigns (name, added, signature) VALUES (?, ?, ?)",
            (name, day, signature.tobytes()),
        )
        if done.rowcount != 1:
            return False
        rows = [(band, done.lastrowid) for band in bands(signature)]
        self._connection.executemany("INSERT OR IGNORE INTO bands VALUES (?, ?)", rows)
        return True

    def remove(self, name: str) -> int:
        """Forget all bodies of a name; how many there were."""
        chosen = "SELECT id FROM campaigns WHERE name = ?"
        self._connection.execute(f"DELETE FROM bands WHERE id IN ({chosen})", (name,))  # noqa: S608 - our own subquery, no value in it
        return self._connection.execute("DELETE FROM campaigns WHERE name = ?", (name,)).rowcount
