"""Domains that imitate protected ones, found in a stream of newly seen names before mail comes from them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from seg_ml.signatures.domains import to_unicode
from seg_ml.signatures.lookalikes import Lookalike, lookalike_index
from seg_ml.signatures.settings import DEFAULT_SETTINGS, SignatureSettings


def names_in(lines: Iterable[str]) -> Iterator[str]:
    """Host names of a stream: one a line, the first column of a CSV, or certificate-transparency JSON lines."""
    for line in lines:
        line = line.strip()
        if line.startswith("{"):
            yield from _of_certificate(line)
        elif line and not line.startswith("#"):
            yield line.partition(",")[0].partition(" ")[0].strip('"').removeprefix("*.").rstrip(".").lower()


def _of_certificate(line: str) -> Iterator[str]:
    """Names of a certstream message or of a flat object with `domain` or `name_value`."""
    try:
        entry = json.loads(line)
    except ValueError:
        return
    leaf = entry.get("data", {}).get("leaf_cert", {}) if isinstance(entry.get("data"), dict) else {}
    flat = str(entry.get("domain") or entry.get("name_value") or "").split("\n")
    for name in [*leaf.get("all_domains", ()), *flat]:
        if name:
            yield str(name).removeprefix("*.").lower()


def imitations(names: Iterable[str], settings: SignatureSettings = DEFAULT_SETTINGS) -> Iterator[Lookalike]:
    """Those of the names that imitate a brand or the organization, each once in a row, in order."""
    find = lookalike_index(settings).find
    last = ""
    for name in names:
        if name == last or "." not in name:
            continue
        last = name
        found = find(to_unicode(name[:253]) if "xn--" in name else name[:253])
        if found is not None:
            yield found
