"""Who wrote to whom before, which messages were answered, and what they said: in keyed hashes, in one SQLite file.

The gateway writes, detectors read. Everything is kept apart by recipient domain, and forgotten after some months.
The key lies beside the file, made when the file is; without it the hashes tell nothing, and what is not among a
domain's own hashes cannot be tried out. Texts are kept as a sample of hashes of eight words in a row.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Collection, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from pathlib import Path
from threading import local

from seg_ml.domain.errors import ConfigError
from seg_ml.signatures.domains import organizational_domain, registrable_label, skeleton

_TABLES = """
create table if not exists since (domain integer primary key, day integer not null);
create table if not exists contact (domain integer, peer integer, first integer not null, last integer not null,
  received integer not null, sent integer not null, primary key (domain, peer)) without rowid;
create table if not exists twin (domain integer, form integer, organization integer, last integer not null,
  primary key (domain, form, organization)) without rowid;
create table if not exists thread (domain integer, message integer, organization integer, last integer not null,
  primary key (domain, message, organization)) without rowid;
create table if not exists wording (domain integer, mark integer, last integer not null,
  primary key (domain, mark)) without rowid;
"""
_BOUNDED = ("contact", "twin", "thread", "wording")
# Below, S608 is silenced where a statement is put together of these names and of question marks, and of nothing else.
MOST_PEERS = 50
MIN_TWIN = 5
"""Shorter names lie one letter away from too many others."""


@dataclass(frozen=True, slots=True)
class Contact:
    """What is known of a correspondent: days as ordinals, messages from them and to them."""

    first: int
    last: int
    received: int
    sent: int


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message that went through: `domain` is ours, `peers` are the addresses on the other side."""

    domain: str
    peers: tuple[str, ...]
    message_id: str
    marks: tuple[int, ...] = ()
    sent: bool = False


class Hashes:
    """Hashes with the key of one store."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __call__(self, name: str, *values: object) -> int:
        text = "\0".join((name, *map(str, values))).encode("utf-8", "surrogateescape")
        return int.from_bytes(blake2b(text, digest_size=8, key=self._key).digest(), "big") >> 1

    def peer(self, domain: str, address: str) -> int:
        """An address."""
        return self("peer", domain, address.lower())

    def organization(self, domain: str, host: str) -> int:
        """The organization of a host."""
        return self("organization", domain, organizational_domain(host.lower()))

    def forms(self, domain: str, host: str) -> set[int]:
        """What a host's name and those that look like it have in common: the name, and it without one letter."""
        form = skeleton(registrable_label(host.lower()))
        shorter = {form[:at] + form[at + 1 :] for at in range(len(form))} if len(form) >= MIN_TWIN else set()
        return {self("twin", domain, item) for item in {form, *shorter} if item}


class CorrespondenceWriter:
    """The one that writes. One thread at a time."""

    def __init__(self, path: Path) -> None:
        """Open the store, or make it and its key.

        Raises:
            ConfigError: it cannot be opened.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._hash = Hashes(_key(path, make=True))
            self._connection = sqlite3.connect(path, timeout=10, check_same_thread=False, isolation_level=None)
            self._connection.executescript(f"pragma journal_mode = wal; pragma synchronous = normal; {_TABLES}")
        except (OSError, sqlite3.Error) as error:
            raise ConfigError(f"correspondence {path}: {error}") from error

    def record(self, exchange: Exchange, day: int) -> None:
        """Remember one message.

        Raises:
            sqlite3.Error: it could not be written.
        """
        hashed, domain = self._hash, exchange.domain.lower()
        home = hashed("domain", domain)
        peers = exchange.peers[:MOST_PEERS]
        hosts = {address.rpartition("@")[2].lower() for address in peers}
        received, sent = int(not exchange.sent), int(exchange.sent)
        contacts = {hashed.peer(domain, address) for address in peers}
        contacts |= {hashed.organization(domain, host) for host in hosts}
        participants = {hashed.organization(domain, host) for host in {*hosts, domain}}
        message = hashed("message", domain, exchange.message_id)
        write = self._connection.executemany
        self._connection.execute("begin immediate")
        with self._connection:
            self._connection.execute("insert or ignore into since values (?, ?)", (home, day))
            write(
                "insert into contact values (?, ?, ?, ?, ?, ?) on conflict do update set "
                "last = max(last, excluded.last), received = received + excluded.received, sent = sent + excluded.sent",
                [(home, peer, day, day, received, sent) for peer in contacts],
            )
            twins = [(form, hashed.organization(domain, host)) for host in hosts for form in hashed.forms(domain, host)]
            write("insert or replace into twin values (?, ?, ?, ?)", [(home, *twin, day) for twin in twins])
            if exchange.message_id:
                rows = [(home, message, organization, day) for organization in participants]
                write("insert or replace into thread values (?, ?, ?, ?)", rows)
            marks = [(home, hashed("mark", domain, mark), day) for mark in exchange.marks]
            write("insert or replace into wording values (?, ?, ?)", marks)

    def expire(self, before: int, most: int) -> int:
        """Forget what was last seen before a day, and of each table the oldest beyond `most` rows."""
        gone = 0
        for table in _BOUNDED:
            gone += self._connection.execute(f"delete from {table} where last < ?", (before,)).rowcount  # noqa: S608
            (count,) = self._connection.execute(f"select count(*) from {table}").fetchone()  # noqa: S608
            if count > most:
                oldest = f"select last from {table} order by last limit 1 offset ?"  # noqa: S608
                (day,) = self._connection.execute(oldest, (count - most - 1,)).fetchone()
                gone += self._connection.execute(f"delete from {table} where last <= ?", (day,)).rowcount  # noqa: S608
        return gone

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


class Correspondence:
    """Read access; safe to use from several threads."""

    def __init__(self, path: Path, learning_days: int = 14) -> None:
        """Open a store.

        Raises:
            ConfigError: there is none at `path`.
        """
        self._path, self._learning = path, learning_days
        self._hash = Hashes(_key(path, make=False))
        self._thread = local()
        self._rows("select 1 from since limit 1", ())

    def settled(self, domain: str, day: int | None = None) -> bool:
        """Whether a domain's mail has been watched long enough that what is unknown is new."""
        rows = self._rows("select day from since where domain = ?", (self._home(domain),))
        return bool(rows) and (day or date.today().toordinal()) - rows[0][0] >= self._learning

    def contact(self, domain: str, address: str) -> Contact | None:
        """What is known of an address, `None` for a stranger."""
        return self._contact(domain, self._hash.peer(domain.lower(), address))

    def organization(self, domain: str, host: str) -> Contact | None:
        """What is known of all addresses of a host's organization together."""
        return self._contact(domain, self._hash.organization(domain.lower(), host))

    def participants(self, domain: str, message_ids: Iterable[str]) -> frozenset[int]:
        """The organizations that took part in messages, by hash; none where no message is known."""
        hashed = [self._hash("message", domain.lower(), item) for item in message_ids]
        query = f"select organization from thread where domain = ? and message in ({_marks(hashed)})"  # noqa: S608
        return frozenset(row[0] for row in self._rows(query, (self._home(domain), *hashed)))

    def imitates(self, domain: str, host: str, participants: Collection[int]) -> bool:
        """Whether a host is none of these organizations and looks like one of them."""
        if self._hash.organization(domain.lower(), host) in participants:
            return False
        forms, others = self._hash.forms(domain.lower(), host), list(participants)
        query = (
            f"select 1 from twin where domain = ? and form in ({_marks(forms)}) "  # noqa: S608
            f"and organization in ({_marks(others)}) limit 1"
        )
        return bool(self._rows(query, (self._home(domain), *forms, *others)))

    def knows_wording(self, domain: str, marks: Iterable[int]) -> bool:
        """Whether any of these samples of text was seen before."""
        hashed = [self._hash("mark", domain.lower(), mark) for mark in marks]
        query = f"select 1 from wording where domain = ? and mark in ({_marks(hashed)}) limit 1"  # noqa: S608
        return bool(self._rows(query, (self._home(domain), *hashed)))

    def _contact(self, domain: str, peer: int) -> Contact | None:
        query = "select first, last, received, sent from contact where domain = ? and peer = ?"
        rows = self._rows(query, (self._home(domain), peer))
        return Contact(*rows[0]) if rows else None

    def _home(self, domain: str) -> int:
        return self._hash("domain", domain.lower())

    def _rows(self, query: str, values: Iterable[int]) -> list[tuple[int, ...]]:
        try:
            if not hasattr(self._thread, "connection"):
                self._thread.connection = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=2)
            with closing(self._thread.connection.execute(query, tuple(values))) as cursor:
                rows: list[tuple[int, ...]] = cursor.fetchall()
                return rows
        except sqlite3.Error as error:
            raise ConfigError(f"correspondence {self._path}: {error}") from error


def _key(path: Path, *, make: bool) -> bytes:
    place = path.with_name(path.name + ".key")
    if make and not place.exists():
        descriptor = os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
    try:
        key = place.read_bytes()
    except OSError as error:
        raise ConfigError(f"correspondence {path}: its key: {error}") from error
    if len(key) != 32:
        raise ConfigError(f"correspondence {path}: {place.name} is no key of 32 octets")
    return key


def _marks(values: Collection[int]) -> str:
    return ",".join("?" * len(values))
