"""Programs that write messages: the order of their fields, the shapes of their identifiers, their extra fields.

Which program writes a message depends on its style alone, never on whether it is hostile.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from random import Random
from typing import Any

import yaml

from seg_ml.corpora.modern.senders import hexadecimal, token
from seg_ml.corpora.modern.words import DATA


@dataclass(frozen=True, slots=True)
class Mailer:
    """A program. `message_id` and `boundary` are patterns, see `filled`; `extra` are fields as `Name: pattern`."""

    id: str
    styles: tuple[str, ...]
    order: str
    message_id: str
    boundary: str
    transfer: tuple[str, ...] = ("quoted-printable", "base64")
    extra: tuple[str, ...] = ()
    unsubscribe: float = 0.0


_OF_SERVICES = {
    "sendgrid": "sendgrid",
    "ses": "ses",
    "mailchimp": "mailchimp",
    "mailgun": "mailgun",
    "exacttarget": "marketing",
}


def a_mailer(random: Random, style: str, service: str) -> Mailer:
    """A program that writes mail of a style: the service's own where it has one, else one that anybody uses."""
    fitting = [mailer for mailer in _mailers() if style in mailer.styles]
    own = [mailer for mailer in fitting if mailer.id == _OF_SERVICES.get(service)]
    return random.choice(own or [mailer for mailer in fitting if mailer.id not in _OF_SERVICES.values()])


@cache
def _mailers() -> tuple[Mailer, ...]:
    rows: list[dict[str, Any]] = yaml.safe_load((DATA / "mailers.yaml").read_text(encoding="utf-8"))
    return tuple(Mailer(**{name: _frozen(value) for name, value in row.items()}) for row in rows)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def filled(pattern: str, random: Random, moment: datetime, domain: str, host: str) -> str:
    """A pattern with its pieces drawn: `{hex:8}`, `{b64:20}`, `{n}` four digits or more, `{s}` one or two."""
    while "{" in pattern:
        left, _, rest = pattern.partition("{")
        name, _, right = rest.partition("}")
        pattern = left + _piece(name, random, moment, domain, host) + right
    return pattern


def _piece(name: str, random: Random, moment: datetime, domain: str, host: str) -> str:
    kind, _, size = name.partition(":")
    length = int(size or 0)
    match kind:
        case "hex":
            return hexadecimal(random, length)
        case "hexcaps":
            return hexadecimal(random, length).upper()
        case "caps":
            return "".join(random.choices("ABDEFGHLMPRSVX", k=length))
        case "b64":
            return base64.b64encode(random.randbytes(length)).decode().translate({43: "A", 47: "B", 61: ""})[:length]
        case "n":
            return str(random.randint(1000, 99_999))
        case "s":
            return str(random.randint(1, 29))
        case "date":
            return moment.strftime("%Y%m%d")
        case "domain":
            return domain
        case "host":
            return random.choice([domain, host, f"{token(random, 6, 10).lower().strip('-_')}.{domain}", "localhost"])
        case _:
            raise KeyError(name)
