"""Who sends a letter: the addresses it bears, where its links lead, and what of that could be proven."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

import yaml

from seg_ml.corpora.modern.words import DATA

Link = Callable[[str], str]
"""The address of a page by its role: `home`, `login`, `track`, `unsubscribe`, `logo`, ..."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a receiving site finds out (RFC 8601 words). `dkim` holds a result per signing domain."""

    spf: str = "none"
    dkim: tuple[tuple[str, str], ...] = ()
    dmarc: str = "none"
    policy: str = "none"


@dataclass(frozen=True, slots=True)
class Sender:
    """A sender as its message shows it. `host` greets the receiving site; `service` is the mail service used."""

    kind: str
    name: str
    address: str
    return_path: str
    link: Link
    proof: Proof
    host: str
    service: str = ""
    reply_to: str = ""
    signers: tuple[str, ...] = ()
    list_address: str = ""

    @property
    def domain(self) -> str:
        """Domain of the author's address."""
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Service:
    """A mail service that companies send through: its hosts, its own signing domain, its click tracking."""

    id: str
    bounce: str
    host: str
    signs: str
    click: str


@cache
def services() -> dict[str, Service]:
    """The mail services of `services.yaml`, by name."""
    return {name: Service(name, **row) for name, row in _services()["services"].items()}


@cache
def _services() -> dict[str, Any]:
    return dict(yaml.safe_load((DATA / "services.yaml").read_text(encoding="utf-8")))


Size = tuple[int, int]
"""Characters at least and at most."""

SHORT: Size = (8, 60)
_SIZES = {SHORT: 50, (60, 140): 22, (140, 420): 28}


def a_size(random: Random) -> Size:
    """How long the part of a link is that says who clicked: services differ, and each keeps to its own."""
    return random.choices(list(_SIZES), list(_SIZES.values()))[0]


def token(random: Random, low: int = SHORT[0], high: int = SHORT[1]) -> str:
    """Characters that mean nothing, as in links that track."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return "".join(random.choices(letters, k=random.randint(low, high)))


def hexadecimal(random: Random, length: int = 10) -> str:
    """That many hexadecimal digits."""
    return "".join(random.choices("0123456789abcdef", k=length))


def served(pattern: str, random: Random, domain: str, slug: str, size: Size = SHORT) -> str:
    """A host name or click address of a service, for one of its customers."""
    while "{n}" in pattern:
        pattern = pattern.replace("{n}", str(random.randint(1, 240)), 1)
    while "{hash}" in pattern:
        pattern = pattern.replace("{hash}", hexadecimal(random), 1)
    return pattern.format(
        domain=domain,
        slug=slug,
        site=f"www.{domain}%2F",
        token=token(random, *size),
        hoster=random.choice(_services()["hosters"]),
    )


def verp(random: Random, host: str, recipient: str) -> str:
    """A bounce address, often one per recipient."""
    local, _, domain = recipient.partition("@")
    forms = ["bounce", f"bounces+{random.randint(10**5, 10**8)}-{hexadecimal(random, 4)}-{local}={domain}"]
    forms += [hexadecimal(random, 24), f"bounce-{random.randint(1, 999)}_{random.randint(10**5, 10**7)}", "mailer"]
    return f"{random.choice(forms)}@{host}"
