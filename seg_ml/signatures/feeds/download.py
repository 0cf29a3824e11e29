"""Feeds over HTTP: asked for once more only if they changed, tried again where that may help, and never too large."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import stamina

from seg_ml.domain.errors import ConfigError
from seg_ml.signatures.feeds.settings import Source

ATTEMPTS = 4
TIMEOUT = httpx.Timeout(60.0, connect=15.0)
AGENT = "seg-ml-intel/1"
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server gave: the file with the body as it was sent, or `unchanged`."""

    unchanged: bool
    headers: Mapping[str, str]


def new_client(**options: Any) -> httpx.Client:
    """A client as sources need it; proxies are those of the environment (`HTTPS_PROXY`, `NO_PROXY`)."""
    return httpx.Client(timeout=TIMEOUT, follow_redirects=True, headers={"User-Agent": AGENT}, **options)


def get(client: httpx.Client, source: Source, url: str, path: Path, headers: Mapping[str, str] | None = None) -> Answer:
    """Write the body of an answer to a file, as it was sent: gzip is undone where it is read, which sees truncation.

    Raises:
        ConfigError: the server refused or could not be reached, or the body is too large, cut short or a web page.
    """
    try:
        for attempt in stamina.retry_context(on=_worth_it, attempts=ATTEMPTS, timeout=120.0, wait_initial=0.5):
            with attempt:
                return _once(client, source, url, path, headers or {})
    except httpx.HTTPStatusError as error:
        raise ConfigError(f"source {source.name}: {url} answered {error.response.status_code}") from error
    except httpx.HTTPError as error:
        raise ConfigError(f"source {source.name}: {url}: {type(error).__name__}: {error}") from error
    raise AssertionError("retry_context ends by returning or raising")


def _worth_it(error: Exception) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code in _AGAIN
    return isinstance(error, httpx.TransportError)


def _once(client: httpx.Client, source: Source, url: str, path: Path, headers: Mapping[str, str]) -> Answer:
    with _asked(client, source, url, headers) as response:
        if response.status_code == httpx.codes.NOT_MODIFIED:
            return Answer(True, response.headers)
        response.raise_for_status()
        if response.headers.get("content-encoding", "identity").lower() not in ("identity", "gzip", "x-gzip"):
            raise ConfigError(f"source {source.name}: {url} is packed in a way that was not asked for")
        if response.headers.get("content-type", "").lower().startswith("text/html"):
            raise ConfigError(f"source {source.name}: a web page instead of a feed at {url}")
        size = 0
        with path.open("wb") as file:
            for block in response.iter_raw(1 << 16):
                size += len(block)
                if size > source.size_limit:
                    raise ConfigError(f"source {source.name}: larger than its size limit of {source.size_limit} octets")
                file.write(block)
        return Answer(False, response.headers)


@contextmanager
def _asked(client: httpx.Client, source: Source, url: str, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
    sent = {"Accept-Encoding": "gzip", **source.secrets(), **headers}
    login = source.login()
    with client.stream("GET", url, headers=sent, auth=login or httpx.USE_CLIENT_DEFAULT) as response:
        yield response
