"""The sources of indicators, from one YAML file.

    store: var/store.intel          # beside this file unless absolute
    size_limit: 268435456           # octets of one feed, packed and unpacked
    sources:
      - name: urlhaus
        kind: urlhaus               # list, openphish, urlhaus, phishtank, hashes, sslbl, misp, stix, taxii
        url: https://urlhaus.abuse.ch/downloads/csv_recent/
        headers: {Auth-Key: env:ABUSECH_AUTH_KEY}
        days: 30                    # that an indicator counts after it was last seen
        reliability: high           # high, medium or low
      - name: own
        kind: list
        path: own.txt

A TAXII 2.1 source names its collection (`https://host/root/collections/ID/`), a MISP feed its folder or its
`manifest.json`. Secrets stay in the environment: `env:NAME` takes a header's value from there, `user` and
`password_env` make HTTP Basic.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from seg_ml.domain.errors import ConfigError
from seg_ml.signatures.intel_loaders import LOADERS

KINDS = (*LOADERS, "taxii")
RELIABILITIES = ("high", "medium", "low")
SIZE_LIMIT = 256 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """One source. Either `url` or `path` is set."""

    name: str
    kind: str
    url: str = ""
    path: Path | None = None
    days: int = 90
    reliability: str = "high"
    headers: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    password_env: str = ""
    size_limit: int = SIZE_LIMIT

    def secrets(self) -> dict[str, str]:
        """The headers with what the environment holds in place of `env:NAME`.

        Raises:
            ConfigError: a variable is not set.
        """
        return {name: _secret(self.name, value) for name, value in self.headers.items()}

    def login(self) -> tuple[str, str] | None:
        """Name and password for HTTP Basic.

        Raises:
            ConfigError: the variable with the password is not set.
        """
        return (self.user, _secret(self.name, f"env:{self.password_env}")) if self.user else None


@dataclass(frozen=True, slots=True)
class FeedSettings:
    """All sources, and the store that they fill."""

    store: Path
    sources: tuple[Source, ...]


def read_sources(path: Path) -> FeedSettings:
    """Read the file.

    Raises:
        ConfigError: it cannot be read, or a key is unknown, missing or wrong; it names both.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: {error}") from error
    if not isinstance(data, dict) or not isinstance(data.get("sources"), list):
        raise ConfigError(f"{path}: expected a mapping with a list `sources`")
    unknown = set(data) - {"store", "size_limit", "sources"}
    if unknown:
        raise ConfigError(f"{path}: unknown key {sorted(map(str, unknown))[0]!r}")
    limit = data.get("size_limit", SIZE_LIMIT)
    sources = tuple(
        _source(item, f"{path}: source {number}", path.parent, limit) for number, item in enumerate(data["sources"], 1)
    )
    names = [source.name for source in sources]
    if len(set(names)) != len(names):
        raise ConfigError(f"{path}: two sources bear the same name")
    return FeedSettings(path.parent / str(data.get("store", "store.intel")), sources)


def _source(item: Any, where: str, folder: Path, limit: Any) -> Source:
    if not isinstance(item, dict):
        raise ConfigError(f"{where}: expected a mapping")
    unknown = set(item) - {entry.name for entry in fields(Source)}
    if unknown:
        raise ConfigError(f"{where}: unknown key {sorted(map(str, unknown))[0]!r}")
    values = {"size_limit": limit, **item}
    if values.get("path"):
        values["path"] = folder / str(values["path"])
    try:
        source = Source(**values)
    except TypeError as error:
        raise ConfigError(f"{where}: {error}") from error
    _check(source, f"{where} ({source.name})")
    return source


def _check(source: Source, where: str) -> None:
    if source.kind not in KINDS:
        raise ConfigError(f"{where}: kind {source.kind!r} is none of {', '.join(KINDS)}")
    if bool(source.url) == bool(source.path):
        raise ConfigError(f"{where}: give either `url` or `path`")
    if source.url and not source.url.startswith(("https://", "http://")):
        raise ConfigError(f"{where}: url {source.url!r} is neither https nor http")
    if source.kind == "taxii" and not source.url:
        raise ConfigError(f"{where}: a TAXII collection has a url")
    if source.reliability not in RELIABILITIES:
        raise ConfigError(f"{where}: reliability {source.reliability!r} is none of {', '.join(RELIABILITIES)}")
    if not isinstance(source.headers, dict):
        raise ConfigError(f"{where}: headers must be a mapping")
    for key in ("days", "size_limit"):
        value = getattr(source, key)
        if not isinstance(value, int) or value < 1:
            raise ConfigError(f"{where}: {key} must be a number above 0, got {value!r}")


def _secret(source: str, value: str) -> str:
    name = value.removeprefix("env:")
    if name == value:
        return value
    try:
        return os.environ[name]
    except KeyError:
        raise ConfigError(f"source {source}: environment variable {name} is not set") from None
