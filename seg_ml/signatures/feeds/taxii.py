"""A TAXII 2.1 collection: page by page, and only what was added since the last update."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx

from seg_ml.domain.errors import ConfigError
from seg_ml.signatures.feeds.content import opened
from seg_ml.signatures.feeds.download import get
from seg_ml.signatures.feeds.settings import Source
from seg_ml.signatures.intel_loaders import Feed, stix_objects
from seg_ml.signatures.intel_store import Indicator

MEDIA = "application/taxii+json;version=2.1"
PAGE = 1000
MOST_PAGES = 10_000


class Collection:
    """One collection. `added_after` is, once all pages were read, where the next update begins (TAXII 2.1 §3.4)."""

    def __init__(self, client: httpx.Client, source: Source, added_after: str, folder: Path) -> None:
        self._client, self._source, self._folder = client, source, folder
        self.added_after = added_after

    def indicators(self, feed: Feed) -> Iterator[Indicator | None]:
        """What was added, `None` for an indicator whose pattern is none of those that are read.

        Raises:
            ConfigError: the server does not answer as TAXII 2.1 says, or never comes to an end.
        """
        query = {"limit": str(PAGE), "match[type]": "indicator"}
        if self.added_after:
            query["added_after"] = self.added_after
        newest = self.added_after
        for _ in range(MOST_PAGES):
            envelope, last = self._page(query)
            yield from stix_objects(envelope.get("objects", []), feed)
            newest = max(newest, last)
            if not envelope.get("more"):
                self.added_after = newest
                return
            query = self._next(query, envelope, last)
        raise ConfigError(f"source {self._source.name}: more than {MOST_PAGES} pages")

    def _next(self, query: dict[str, str], envelope: dict[str, Any], last: str) -> dict[str, str]:
        """The next page: by the server's mark, or, where it gives none, by the day of the last object."""
        mark = {"next": str(envelope["next"])} if envelope.get("next") else {"added_after": last}
        following = {**query, **mark}
        if following == query:
            raise ConfigError(f"source {self._source.name}: the server says `more` and not where")
        return following

    def _page(self, query: dict[str, str]) -> tuple[dict[str, Any], str]:
        source = self._source
        path = self._folder / "page.json"
        url = f"{source.url.rstrip('/')}/objects/?{urlencode(query)}"
        answer = get(self._client, source, url, path, {"Accept": MEDIA})
        with opened(path, source.name, source.size_limit) as stream:
            try:
                envelope = json.load(stream)
            except ValueError as error:
                raise ConfigError(f"source {source.name}: not JSON: {error}") from error
        if not isinstance(envelope, dict) or not isinstance(envelope.get("objects", []), list):
            raise ConfigError(f"source {source.name}: no TAXII envelope at {url}")
        return envelope, answer.headers.get("x-taxii-date-added-last", "")
