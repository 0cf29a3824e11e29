"""The text of an MTA-STS policy and of the record that announces it (RFC 8461 §3)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, cast

LONGEST_AGE = 31_557_600
MOST_PATTERNS = 100
_ID = re.compile(r"[A-Za-z0-9]{1,32}")
_PATTERNS = 100
_RECORD = re.compile(r"v=STSv1\s*;\s*(?:[^;]+;\s*)*?id=([A-Za-z0-9]{1,32})\s*(?:;.*)?", re.DOTALL)
_PATTERN = re.compile(r"(?:\*\.)?[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+")
Mode = Literal["enforce", "testing", "none"]


class BadPolicy(ValueError):
    """The text is no policy."""


@dataclass(frozen=True, slots=True)
class StsPolicy:
    """What a domain asks of whoever sends to it; `max_age` in seconds."""

    mode: Mode
    mx: tuple[str, ...]
    max_age: int

    def allows(self, host: str) -> bool:
        """Whether a host is among the domain's; `*.` stands for exactly one label (RFC 8461 §4.1)."""
        host = host.rstrip(".").lower()
        above = "*." + host.partition(".")[2]
        return any(pattern in (host, above) for pattern in self.mx)


def policy_id(records: Iterable[object]) -> str:
    """The id that the `_mta-sts` TXT records announce; empty unless exactly one of them is a policy's."""
    texts = [record.decode("ascii", "replace") for record in records if isinstance(record, bytes)]
    ours = [fields for fields in (text[:1000].split(";") for text in texts) if fields[0].strip() == "v=STSv1"]
    values = [field.strip()[3:] for field in ours[0] if field.strip().startswith("id=")] if len(ours) == 1 else []
    return values[0] if len(values) == 1 and _ID.fullmatch(values[0]) else ""


def parse_policy(text: str) -> StsPolicy:
    """Read `key: value` lines; unknown keys are passed over, of known ones the first counts.

    Raises:
        BadPolicy: a key is missing or has no such value.
    """
    pairs = [(key.strip(), value.strip()) for key, _, value in (line.partition(":") for line in text.splitlines())]
    first = dict(reversed(pairs))
    mode, age = first.get("mode"), first.get("max_age", "")
    patterns = tuple(value.lower().rstrip(".") for key, value in pairs if key == "mx")[:MOST_PATTERNS]
    if first.get("version") != "STSv1" or mode not in ("enforce", "testing", "none"):
        raise BadPolicy("version or mode")
    if not age.isascii() or not age.isdigit() or len(age) > 10:
        raise BadPolicy("max_age")
    if not all(map(_PATTERN.fullmatch, patterns)) or (mode != "none" and not patterns):
        raise BadPolicy("mx")
    return StsPolicy(cast(Mode, mode), patterns, min(int(age), LONGEST_AGE))
