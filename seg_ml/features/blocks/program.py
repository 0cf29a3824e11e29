"""Whether the program that a message names wrote it: what Outlook and its kin always do, and forgers forget.

Outlook and Outlook Express put the time of writing into Message-ID and boundaries, as the upper bits of a Windows
FILETIME; `X-MimeOLE` repeats the version of `X-Mailer`. No date is compared with a calendar: only with its neighbour.
"""

from __future__ import annotations

import re

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.features.catalogue import feature

_ID_TIME = re.compile(r"^<?([0-9a-f]{4})([0-9a-f]{4,8})\$([0-9a-f]{8})\$", re.IGNORECASE)
_BOUNDARY_TIME = re.compile(r"_NextPart_[0-9A-F]{3}_[0-9A-F]{4}_([0-9A-F]{8})\.([0-9A-F]{8})", re.IGNORECASE)
_VERSION = re.compile(r"\d+\.\d+\.\d{3,5}\.\d+")
_OUTLOOK = re.compile(r"outlook", re.IGNORECASE)
_OFFICE = re.compile(r"microsoft (?:office )?outlook(?! express)", re.IGNORECASE)
_LONG_LETTERS = re.compile(r"[b-df-hj-np-tv-xz]{6,}", re.IGNORECASE)
_HALF_HOUR = 4.2
"""Thirty minutes in units of 2^32 × 100 ns, that is of 7.16 minutes."""


@feature(
    "program",
    version=1,
    names=(
        "named",
        "outlook",
        "outlook_express",
        "id_and_boundary_agree",
        "id_and_boundary_differ",
        "outlook_id_without_time",
        "versions_differ",
        "mimeole_alone",
        "outlook_without_mimeole",
        "office_sends_html_alone",
        "id_host_bare",
        "id_host_address",
        "id_host_local",
        "id_left_digits",
        "id_left_short",
        "mailer_nonsense",
        "priority_without_program",
        "thread_index",
    ),
    rising=(
        "id_and_boundary_differ versions_differ outlook_without_mimeole office_sends_html_alone "
        "mailer_nonsense priority_without_program"
    ),
    falling="id_and_boundary_agree",
)
class Program:
    """Flags 0 or 1, `id_left_digits` the share of digits before the `@` of Message-ID."""

    def extract(self, request: ScoreRequest, message: Message) -> dict[str, float]:
        """One value per name."""
        mailer = message.header("x-mailer") or message.header("user-agent") or ""
        mimeole = message.header("x-mimeole") or ""
        identifier = message.message_id.strip()
        left, _, host = identifier.strip("<> ").rpartition("@")
        outlook = bool(_OUTLOOK.search(mailer))
        types = {part.content_type for part in message.parts}
        agree = _agree(identifier, message)
        ours, theirs = _VERSION.search(mailer), _VERSION.search(mimeole)
        values = {
            "named": bool(mailer),
            "outlook": outlook,
            "outlook_express": "outlook express" in mailer.lower(),
            "id_and_boundary_agree": agree is True,
            "id_and_boundary_differ": agree is False,
            "outlook_id_without_time": outlook and bool(identifier) and _id_time(identifier) is None,
            "versions_differ": ours is not None
            and theirs is not None
            and "express" in mailer.lower()
            and ours[0] != theirs[0],
            "mimeole_alone": bool(mimeole) and not mailer,
            "outlook_without_mimeole": outlook and not mimeole,
            "office_sends_html_alone": bool(_OFFICE.search(mailer))
            and "text/plain" not in types
            and "text/html" in types,
            "id_host_bare": bool(host) and "." not in host,
            "id_host_address": bool(re.fullmatch(r"\[?(?:\d{1,3}\.){3}\d{1,3}\]?", host)),
            "id_host_local": host.lower().startswith("localhost"),
            "id_left_digits": sum(map(str.isdigit, left)) / max(1, len(left)),
            "id_left_short": 0 < len(left) < 12,
            "mailer_nonsense": bool(_LONG_LETTERS.search(mailer)) or bool(re.fullmatch(r"[a-z]{6,16}", mailer)),
            "priority_without_program": bool(message.header("x-priority")) and not mailer and not mimeole,
            "thread_index": bool(message.header("thread-index")),
        }
        return {name: float(value) for name, value in values.items()}


def _id_time(identifier: str) -> float | None:
    """When an Outlook wrote it, in units of 7.16 minutes; `None` where the identifier tells no time."""
    match = _ID_TIME.match(identifier)
    if match is None:
        return None
    high = match[2][-8:] if len(match[2]) == 8 else match[1] + match[2]
    return int(high[-8:], 16) + int(match[3], 16) / 2**32


def _agree(identifier: str, message: Message) -> bool | None:
    """Whether Message-ID and the first Outlook boundary tell the same half hour; `None` where not both tell one."""
    written = _id_time(identifier)
    header = next((item.raw for item in message.headers if item.name.lower() == "content-type"), "")
    boundary = _BOUNDARY_TIME.search(header)
    if written is None or boundary is None:
        return None
    return abs(written - int(boundary[1], 16) - int(boundary[2], 16) / 2**32) < _HALF_HOUR
