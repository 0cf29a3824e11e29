"""Feeds of indicators, read from files: URLhaus, OpenPhish, PhishTank, abuse.ch hash lists, MISP, STIX 2, plain lists.

CSV and lists are read line by line in constant memory; JSON feeds are read whole. A row that is no indicator is
counted and left out. TAXII 2 collections answer with STIX envelopes, which `stix` reads.
"""

from __future__ import annotations

import csv
import ipaddress
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TextIO

from seg_ml.domain.errors import ConfigError
from seg_ml.signatures.domains import to_ascii
from seg_ml.signatures.intel_store import Indicator, Kind, is_day
from seg_ml.signatures.urls import read_url

_HEX = re.compile(r"[0-9a-f]{64}")
_HOST = re.compile(r"(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.){1,10}[a-z][a-z0-9-]{1,62}")
_STIX = re.compile(
    r"\[\s*(url|domain-name|ipv4-addr|ipv6-addr|file|email-addr):(value|hashes\.'?\"?SHA-?256'?\"?)\s*=\s*'([^']{1,4000})'\s*\]"
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
    if kind is Kind.SHA256:
        return value.lower() if _HEX.fullmatch(value.lower()) else None
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
    if _HEX.fullmatch(value.lower()):
        return Kind.SHA256
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
    """PhishTank CSV with its header line."""
    for row in csv.DictReader(stream):
        url = row.get("url")
        first = row.get("submission_time") or ""
        yield feed.indicator(Kind.URL, url, first, "", row.get("target") or "") if url else None


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
    """A STIX 2 bundle or a TAXII envelope: indicators whose pattern compares one value; revoked ones are left out."""
    for item in _objects(stream, feed, "objects"):
        if item.get("type") != "indicator" or item.get("revoked"):
            continue
        matches = list(_STIX.finditer(str(item.get("pattern", ""))[:20_000]))
        first = str(item.get("valid_from", ""))
        for match in matches:
            yield feed.indicator(_STIX_KINDS[match.group(1)], match.group(3), first, "", str(item.get("name", "")))
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
    "misp": misp,
    "stix": stix,
}
