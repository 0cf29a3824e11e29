"""How the message was handed over: what the client calls itself, who answers for bounces, what was proven."""

from __future__ import annotations

import re

from seg_ml.domain.envelope import AuthenticationResults, ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.features.catalogue import feature
from seg_ml.signatures.domains import is_ip, organizational_domain

# Names that providers give to their customers' lines, below a domain of their own; a mail server has one of its own.
_LINE = re.compile(
    r"dsl|dial|dyn|pool|ppp|cable|cust|client|dhcp|broadband|catv|hsd|rev(?:erse)?\b|\bdip|\bip\d|user|home|telnet",
    re.IGNORECASE,
)
_NUMBERS = re.compile(r"\d+")


@feature(
    "session",
    version=3,
    names=(
        "helo_dotless",
        "helo_address",
        "helo_line",
        "helo_numbers",
        "helo_of_author",
        "helo_of_reverse_path",
        "reverse_path_null",
        "reverse_path_of_author",
        "reverse_path_elsewhere",
        "spf_pass",
        "spf_fail",
        "dkim_pass",
        "dkim_fail",
        "dkim_of_author",
        "author_proven",
        "author_disproven",
        "client_named",
        "client_unconfirmed",
        "client_nameless",
        "client_line",
        "client_numbers",
        "client_is_helo",
        "client_not_helo",
        "client_of_author",
        "client_of_reverse_path",
    ),
    rising=(
        "helo_dotless helo_address helo_line helo_numbers spf_fail dkim_fail author_disproven "
        "client_unconfirmed client_nameless client_line client_numbers client_not_helo "
        # Whoever has a domain names his server after it: that speaks for nobody.
        "helo_of_author helo_of_reverse_path reverse_path_of_author client_is_helo client_of_author "
        "client_of_reverse_path"
    ),
    falling="dkim_of_author author_proven client_named",
)
class Session:
    """Flags 0 or 1, `helo_numbers` and `client_numbers` counts up to 4.

    What is not known is 0 in every feature that rests on it.
    """

    def extract(self, request: ScoreRequest, message: Message) -> dict[str, float]:
        """One value per name."""
        proven, envelope = request.authentication, request.envelope
        author = organizational_domain(message.author.domain) if message.author.domain else ""
        helo = (envelope.helo or "").strip("[]").lower()
        reverse = (envelope.reverse_path or "").rpartition("@")[2].lower()
        bounces = organizational_domain(reverse) if reverse else ""
        named = organizational_domain(helo) if "." in helo and not is_ip(helo) else ""
        signed = [organizational_domain(domain) for domain in proven.dkim_domains]
        spf_of_author = proven.spf == "pass" and organizational_domain(proven.spf_domain or "") == author
        values: dict[str, float] = {
            "helo_dotless": bool(helo) and "." not in helo and not is_ip(helo),
            "helo_address": bool(helo) and is_ip(helo),
            "helo_line": _is_line(helo, named),
            "helo_numbers": min(4, len(_NUMBERS.findall(helo))) if named else 0,
            "helo_of_author": bool(author) and named == author,
            "helo_of_reverse_path": bool(named) and named == bounces,
            "reverse_path_null": envelope.reverse_path == "",
            "reverse_path_of_author": bool(author) and bounces == author,
            "reverse_path_elsewhere": bool(author and bounces) and bounces != author,
            "spf_pass": proven.spf == "pass",
            "spf_fail": proven.spf in ("fail", "softfail"),
            "dkim_pass": proven.dkim == "pass",
            "dkim_fail": proven.dkim == "fail",
            "dkim_of_author": bool(author) and author in signed,
            "author_proven": bool(author) and (proven.dmarc == "pass" or author in signed or spf_of_author),
            "author_disproven": proven.dmarc == "fail",
        }
        values |= _client(proven, named, author, bounces)
        return {name: float(value) for name, value in values.items()}


def _is_line(name: str, site: str) -> bool:
    """Whether a provider gave the name to a customer's line. What the domain itself is called tells nothing of that."""
    return bool(_LINE.search(name.removesuffix(site)))


def _client(proven: AuthenticationResults, helo: str, author: str, bounces: str) -> dict[str, float]:
    """What the name of the client's address says: mail servers have one, and it is their organization's."""
    name = (proven.client_name or "").lower()
    site = organizational_domain(name) if name else ""
    return {
        "client_named": proven.iprev == "pass",
        "client_unconfirmed": proven.iprev == "fail",
        "client_nameless": proven.iprev == "permerror",
        "client_line": _is_line(name, site),
        "client_numbers": min(4, len(_NUMBERS.findall(name))),
        "client_is_helo": bool(site) and site == helo,
        "client_not_helo": bool(site and helo) and site != helo,
        "client_of_author": bool(site) and site == author,
        "client_of_reverse_path": bool(site) and site == bounces,
    }
