"""Feeds of indicators, read from files: URLhaus, OpenPhish, PhishTank, abuse.ch lists, MISP, STIX 2, plain lists.

CSV, lists and PhishTank's JSON are read in constant memory, event and bundle whole. A row that is no indicator is
counted and left out.
"""

from __future__ import annotations

import csv
import ipaddress
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, TextIO

from seg_ml.domain.errors import ConfigError
from seg_ml.signatures.domains import to_ascii
from seg_ml.signatures.intel_json import array_items
from seg_ml.signatures.intel_store import Indicator, Kind, is_day
from seg_ml.signatures.urls import read_url

_HEX = {64: re.compile(r"[0-9a-f]{64}"), 40: re.compile(r"[0-9a-f]{40}")}
_HOST = re.compile(r"(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.){1,10}[a-z][a-z0-9-]{1,62}")
_STIX = re.compile(
    r"\[\s*(url|domain-name|ipv4-addr|ipv6-addr|file|email-addr):(value|hashes\.'?\"?SHA-?256'?\"?)\s*=\s*'((?:[^'\\]|\\.){1,4000})'\s*\]"
)
_STIX_KINDS = {"url": Kind.URL, "domain-name": Kind.DOMAIN, "ipv4-addr": Kind.IP, "ipv6-addr": Kind.IP,
               "file": Kind.SHA256, "email-addr": Kind.EMAIL}  # fmt: skip
_MISP_KINDS = {"url": Kind.URL, "domain": Kind.DOMAIN, "hostname": Kind.DOMAIN, "ip-dst": Kind.IP, "ip-src": Kind.IP,
               "sha256": Kind.SHA256, "email-src": Kind.EMAIL, "email": Kind.EMAIL}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Feed:
    """How a feed is named, how long its indicators count, and on which day it is read."""

    source: str
    day: str
    days: int = 90

    def indicator(self, kind: Kind, value: str, first: str = "", last: str = "", note: str = "") -> Indicator | None:
        """An indicator of this feed, `None` where the value is none of its kind."""
        known = canonical(kind, value)
        if known is None:
            return None
        first = first[:10] if is_day(first[:10]) else self.day
        last = last[:10] if is_day(last[:10]) else max(first, self.day)
        expires = (date.fromisoformat(last) + timedelta(days=self.days)).isoformat()
        return Indicator(kind, known, self.source, first, last, expires, note[:200])


def canonical(kind: Kind, value: str) -> str | None:
    """The one form in which a value is stored and looked up, `None` where it is no value of the kind."""
    value = value.strip().replace("[.]", ".").replace("hxxp", "http")
    if kind is Kind.URL:
        url = read_url(value)
        return url.href.partition("#")[0] if url is not None and url.is_web else None
    if kind is Kind.IP:
        return _address(value)
    if kind in (Kind.SHA256, Kind.SHA1):
        return value.lower() if _HEX[64 if kind is Kind.SHA256 else 40].fullmatch(value.lower()) else None
    if kind is Kind.EMAIL:
        return value.lower() if value.count("@") == 1 else None
    host = to_ascii(value.rstrip(".").lower())
    return host if _HOST.fullmatch(host) else None


def _address(value: str) -> str | None:
    try:
        return str(ipaddress.ip_address(value.partition(":")[0] if value.count(":") == 1 else value))
    except ValueError:
        return None


def guess(value: str) -> Kind | None:
    """The kind of a bare value in a plain list."""
    value = value.strip()
    if "://" in value:
        return Kind.URL
    for length, kind in ((64, Kind.SHA256), (40, Kind.SHA1)):
        if _HEX[length].fullmatch(value.lower()):
            return kind
    if _address(value) is not None:
        return Kind.IP
    if "@" in value:
        return Kind.EMAIL
    return Kind.DOMAIN if canonical(Kind.DOMAIN, value) is not None else None


Loader = Callable[[TextIO, Feed], Iterator[Indicator | None]]


def plain(stream: TextIO, feed: Feed) -> Iterator[Indicator | None]:
    """One value a line, `#` begins a comment; OpenPhish's feed and hosts files are of this form."""
    for line in stream:
        value = line.partition("#")[0].strip().removeprefix("0.0.0.0 ").removeprefix("127.0.0.1 ")
        if value:
            kind = guess(value)
            yield feed.indicator(kind, value) if kind is not None else None


def urlhaus(stream: TextIO, feed: Feed) -> Iterator[Indicator | None]:
    """URLhaus CSV: id, dateadded, url, url_status, last_online, threat, tags, link, reporter."""
    for row in csv.reader(_uncommented(stream)):
        yield feed.indicator(Kind.URL, row[2], row[1], row[4], row[5]) if len(row) >= 6 else None


def phishtank(stream: TextIO, feed: Feed) -> Iterator[Indicator | None]:
    """PhishTank's CSV with its header line, or its JSON."""
    first_line = stream.readline(2000)
    if first_line.lstrip("\ufeff \t").startswith("["):
        yield from _phishtank_json(stream, feed, first_line)
        return
    names = next(csv.reader([first_line]), [])
    for row in csv.DictReader(stream, fieldnames=names):
        yield _phish(row, feed)


def _phishtank_json(stream: TextIO, feed: Feed, begun: str) -> Iterator[Indicator | None]:
    try:
        for item in array_items(stream, begun):
            yield _phish(item, feed) if isinstance(item, dict) else None
    except ValueError as error:
        raise ConfigError(f"feed {feed.source}: not JSON: {error}") from error


def _phish(row: Mapping[str, Any], feed: Feed) -> Indicator | None:
    first, target = str(row.get("submission_time") or ""), str(row.get("target") or "")
    return feed.indicator(Kind.URL, str(row["url"]), first, "", target) if row.get("url") else None


def sslbl(stream: TextIO, feed: Feed) -> Iterator[Indicator | None]:
    """abuse.ch SSL blacklist: certificates (date, SHA-1, reason), or control servers (date, address, port)."""
    for row in csv.reader(_uncommented(stream), skipinitialspace=True):
        kind = guess(row[1]) if len(row) >= 3 else None
        if kind is Kind.SHA1:
            yield feed.indicator(kind, row[1], row[0], "", row[2])
        else:
            yield feed.indicator(Kind.IP, row[1], row[0], "", f"port {row[2]}") if kind is Kind.IP else None


def hashes(stream: TextIO, feed: Feed) -> Iterator[Indicator | None]:
    """abuse.ch hash lists: plain, or MalwareBazaar's CSV (first_seen, sha256, md5, sha1, reporter, file name, ...)."""
    for row in csv.reader(_uncommented(stream), skipinitialspace=True):
        if len(row) == 1:
            yield feed.indicator(Kind.SHA256, row[0])
        elif len(row) > 1:
            note = row[8] if len(row) > 8 else ""
            yield feed.indicator(Kind.SHA256, row[1], row[0], "", note)


def misp(stream: TextIO, feed: Feed) -> Iterator[Indicator | None]:
    """A MISP event or a response with several; attributes marked `to_ids`, also those of objects."""
    for entry in _objects(stream, feed, "response"):
        event = entry.get("Event", entry)
        attributes = list(event.get("Attribute", ()))
        attributes += [item for thing in event.get("Object", ()) for item in thing.get("Attribute", ())]
        for item in attributes:
            kind = _MISP_KINDS.get(str(item.get("type")))
            if kind is not None and item.get("to_ids", True):
                first = str(item.get("first_seen") or event.get("date") or "")
                yield feed.indicator(kind, str(item.get("value", "")), first, "", str(event.get("info", "")))


def stix(stream: TextIO, feed: Feed) -> Iterator[Indicator | None]:
    """A STIX 2 bundle or a TAXII envelope."""
    return stix_objects(_objects(stream, feed, "objects"), feed)


def stix_objects(objects: Iterable[Any], feed: Feed) -> Iterator[Indicator | None]:
    """STIX indicators whose pattern compares single values; revoked ones are left out, `valid_until` is kept to."""
    for item in objects:
        if not isinstance(item, dict) or item.get("type") != "indicator" or item.get("revoked"):
            continue
        matches = list(_STIX.finditer(str(item.get("pattern", ""))[:20_000]))
        first, end = str(item.get("valid_from", "")), str(item.get("valid_until", ""))[:10]
        for match in matches:
            value = match.group(3).replace("\\'", "'").replace("\\\\", "\\")
            found = feed.indicator(_STIX_KINDS[match.group(1)], value, first, "", str(item.get("name", "")))
            yield replace(found, expires=min(found.expires, end)) if found is not None and is_day(end) else found
        if not matches:
            yield None


def _objects(stream: TextIO, feed: Feed, key: str) -> list[dict[str, Any]]:
    """The objects of a list, or of a mapping's key; the mapping itself where it has no such key."""
    try:
        data = json.load(stream)
    except ValueError as error:
        raise ConfigError(f"feed {feed.source}: not JSON: {error}") from error
    items = data.get(key, [data]) if isinstance(data, dict) else data
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ConfigError(f"feed {feed.source}: expected a list of objects in {key!r}")
    return items


def _uncommented(lines: Iterable[str]) -> Iterator[str]:
    return (line for line in lines if not line.startswith("#"))


LOADERS: dict[str, Loader] = {
    "list": plain,
    "openphish": plain,
    "urlhaus": urlhaus,
    "phishtank": phishtank,
    "hashes": hashes,
    "sslbl": sslbl,
    "misp": misp,
    "stix": stix,
}
