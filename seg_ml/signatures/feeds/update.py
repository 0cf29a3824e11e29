"""Brings a store up to date from its sources. The store is replaced once, by what could be read of them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx

from seg_ml.domain.errors import ConfigError
from seg_ml.signatures.feeds.content import opened
from seg_ml.signatures.feeds.download import get, new_client
from seg_ml.signatures.feeds.misp import MispFeed, is_feed
from seg_ml.signatures.feeds.settings import Source
from seg_ml.signatures.feeds.taxii import Collection
from seg_ml.signatures.intel_loaders import LOADERS, Feed
from seg_ml.signatures.intel_store import Indicator, is_day, today
from seg_ml.signatures.intel_writer import IntelWriter

MOST_SKIPPED = 0.5
"""Share of rows that may be no indicators; above, the file is another than the source says."""

_LINES = frozenset({"list", "openphish", "urlhaus", "phishtank", "hashes", "sslbl"})


@dataclass
class Outcome:
    """What became of one source: rows read and skipped, or `unchanged`, or the `problem` that left it as it was."""

    source: str
    read: int = 0
    skipped: int = 0
    unchanged: bool = False
    problem: str = ""


def update(
    sources: Sequence[Source], store: Path, client: httpx.Client | None = None, day: str | None = None
) -> tuple[list[Outcome], int]:
    """Read every source into the store; returns what became of each, and how many indicators expired.

    A source that fails leaves what the store knew of it. Where all fail the store is not touched.

    Raises:
        ConfigError: the store cannot be written.
    """
    day = day or today()
    outcomes: list[Outcome] = []
    writer = IntelWriter(store)
    try:
        with tempfile.TemporaryDirectory(prefix="seg-intel-") as folder, client or new_client() as connected, writer:
            for source in sources:
                outcomes.append(_Reading(connected, source, writer, Path(folder), day).run())
            if all(outcome.problem for outcome in outcomes):
                raise _NothingRead
            writer.drop_expired(day)
    except _NothingRead:
        pass
    return outcomes, writer.expired


class _NothingRead(Exception):
    """Leaves the writer without writing."""


class _Reading:
    """One source of one update."""

    def __init__(self, client: httpx.Client, source: Source, writer: IntelWriter, folder: Path, day: str) -> None:
        self._client, self._source, self._writer, self._folder = client, source, writer, folder
        self._feed = Feed(source.name, day, source.days)
        self._outcome = Outcome(source.name)

    def run(self) -> Outcome:
        """Fetch and add; a problem ends up in the outcome."""
        source, outcome = self._source, self._outcome
        before = dict(self._writer.state(source.name))
        if before.get("from") != _place(source):
            before = {}
        try:
            state = self._add(before)
        except ConfigError as error:
            outcome.problem = str(error)
            return outcome
        self._writer.note(source.name, source.reliability, {**state, "from": _place(source)})
        return outcome

    def _add(self, before: dict[str, Any]) -> dict[str, Any]:
        source = self._source
        if source.kind == "taxii":
            collection = Collection(self._client, source, str(before.get("added_after", "")), self._folder)
            self._take(collection.indicators(self._feed))
            return {"added_after": collection.added_after}
        if source.kind == "misp" and is_feed(source):
            events = MispFeed(self._client, source, int(before.get("newest", 0)), self._folder)
            self._take(events.indicators(self._feed))
            return {"newest": events.newest}
        return self._add_file(before)

    def _add_file(self, before: dict[str, Any]) -> dict[str, Any]:
        source, state = self._source, {}
        path = source.path
        if path is None:
            path = self._folder / "feed"
            answer = get(self._client, source, source.url, path, self._conditions(before))
            if answer.unchanged:
                self._outcome.unchanged = True
                return before
            state = {"etag": answer.headers.get("etag", ""), "modified": answer.headers.get("last-modified", "")}
        with opened(path, source.name, source.size_limit) as stream:
            self._take(LOADERS[source.kind](stream, self._feed), whole=True)
        return {**state, "read": self._feed.day}

    def _conditions(self, before: dict[str, Any]) -> dict[str, str]:
        """Ask for a feed only if it changed, but read it in time before what it still lists would expire."""
        read = str(before.get("read", ""))
        age = (date.fromisoformat(self._feed.day) - date.fromisoformat(read)).days if is_day(read) else self._feed.days
        if 2 * age >= self._feed.days:
            return {}
        names = (("If-None-Match", "etag"), ("If-Modified-Since", "modified"))
        return {header: str(before[key]) for header, key in names if before.get(key)}

    def _take(self, rows: Iterable[Indicator | None], whole: bool = False) -> None:
        outcome, source = self._outcome, self._source

        def counted() -> Iterator[Indicator]:
            for row in rows:
                if row is not None:
                    yield row
                    outcome.read += 1
                else:
                    outcome.skipped += 1
            if whole and not outcome.read:
                raise ConfigError(f"source {source.name}: not one indicator; is it {source.kind}?")
            if source.kind in _LINES and outcome.skipped > MOST_SKIPPED * (outcome.read + outcome.skipped):
                raise ConfigError(
                    f"source {source.name}: {outcome.skipped} rows are no indicators, {outcome.read} are; "
                    f"is it {source.kind}?"
                )

        try:
            self._writer.add(counted())
        except ConfigError:
            outcome.read = 0
            raise


def _place(source: Source) -> str:
    return f"{source.kind} {source.url or source.path}"
