"""A MISP feed: a folder with `manifest.json` and one file an event, of which only the changed ones are fetched."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from seg_ml.domain.errors import ConfigError
from seg_ml.signatures.feeds.content import opened
from seg_ml.signatures.feeds.download import get
from seg_ml.signatures.feeds.settings import Source
from seg_ml.signatures.intel_loaders import LOADERS, Feed
from seg_ml.signatures.intel_store import Indicator

_UUID = re.compile(r"[0-9a-fA-F-]{36}")


def is_feed(source: Source) -> bool:
    """Whether a source is a whole feed and not one event's file."""
    return source.url.endswith(("/", "/manifest.json"))


class MispFeed:
    """One feed. `newest` is, once all events were read, the time of the last change."""

    def __init__(self, client: httpx.Client, source: Source, newest: int, folder: Path) -> None:
        self._client, self._source, self._folder = client, source, folder
        self.newest = newest

    def indicators(self, feed: Feed) -> Iterator[Indicator | None]:
        """The indicators of events that changed since.

        Raises:
            ConfigError: the manifest or an event cannot be read.
        """
        base = self._source.url.removesuffix("manifest.json")
        newest = self.newest
        for uuid, changed in sorted(self._manifest(base).items(), key=lambda item: item[1]):
            if changed > self.newest:
                path = self._fetched(f"{base}{uuid}.json")
                with opened(path, self._source.name, self._source.size_limit) as stream:
                    yield from LOADERS["misp"](stream, feed)
                newest = max(newest, changed)
        self.newest = newest

    def _manifest(self, base: str) -> dict[str, int]:
        """Event ids and when they changed, as the manifest says."""
        path = self._fetched(f"{base}manifest.json")
        with opened(path, self._source.name, self._source.size_limit) as stream:
            try:
                data: dict[str, dict[str, Any]] = json.load(stream)
                return {uuid: int(entry["timestamp"]) for uuid, entry in data.items() if _UUID.fullmatch(uuid)}
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                raise ConfigError(f"source {self._source.name}: no MISP manifest: {error}") from error

    def _fetched(self, url: str) -> Path:
        path = self._folder / "event.json"
        get(self._client, self._source, url, path)
        return path
