"""The shape of a message's links: how many, to how many places, and how they are written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import log1p
from urllib.parse import SplitResult, urlsplit

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Link, Message
from seg_ml.features.catalogue import feature

_ADDRESS = re.compile(r"^(?:\d{1,3}\.){3}\d{1,3}$")
_READ = 200


@feature(
    "link-shape",
    version=1,
    names=(
        "links",
        "hosts",
        "own_share",
        "address_share",
        "https_share",
        "port_share",
        "percent_share",
        "longest",
        "query_length",
        "mailto",
        "image_links",
        "deepest_host",
    ),
    rising="address_share port_share percent_share",
)
class LinkShape:
    """Counts and lengths as log1p; shares in [0, 1] over web links, 0 where there are none."""

    def extract(self, request: ScoreRequest, message: Message) -> dict[str, float]:
        """One value per name."""
        links = message.links[:_READ]
        web = [split for link in links if (split := _split(link)) is not None]
        hosts = [(split.hostname or "").lower() for split in web]
        own = ".".join(message.author.domain.split(".")[-2:])
        return {
            "links": log1p(len(message.links)),
            "hosts": log1p(len(set(hosts))),
            "own_share": _share(bool(own) and host.endswith(own) for host in hosts),
            "address_share": _share(bool(_ADDRESS.match(host)) for host in hosts),
            "https_share": _share(split.scheme == "https" for split in web),
            "port_share": _share(":" in split.netloc.rpartition("@")[2] for split in web),
            "percent_share": _share("%" in split.netloc + split.path for split in web),
            "longest": log1p(max((len(link.target) for link in links), default=0)),
            "query_length": log1p(max((len(split.query) for split in web), default=0)),
            "mailto": log1p(sum(link.target[:7].lower() == "mailto:" for link in links)),
            "image_links": log1p(sum(link.kind == "anchor" and not link.text for link in links)),
            "deepest_host": float(max((host.count(".") for host in hosts), default=0)),
        }


def _split(link: Link) -> SplitResult | None:
    if link.target[:4].lower() != "http":
        return None
    try:
        split = urlsplit(link.target)
        _ = split.hostname  # raises on a malformed authority
        return split
    except ValueError:
        return None


def _share(hits: Iterable[bool]) -> float:
    values = list(hits)
    return sum(values) / len(values) if values else 0.0
