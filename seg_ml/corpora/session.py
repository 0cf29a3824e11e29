"""Facts of the SMTP session that the receiving site wrote into a message, recovered before they are removed.

Only fields above the border are read, that is above the `Received` field with which the receiving site
took the message from outside: whatever stands below it, the sender may have written (RFC 8601 §5).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from seg_ml.corpora.hops import Hop, border, hops, organization
from seg_ml.domain.message import Header, Message

_COMMENT = re.compile(r"\([^()]*\)")
_METHOD = re.compile(r"\b(spf|dkim|dmarc)\s*=\s*([a-z]+)", re.IGNORECASE)
_MAIL_FROM = re.compile(r"smtp\.mailfrom\s*=\s*[\"<]?(?:[^\s;@>\"]*@)?([^\s;>\"]+)", re.IGNORECASE)
_SIGNING_DOMAIN = re.compile(r"header\.(?:d\s*=\s*|i\s*=\s*[^\s;@]*@)([\w.-]+)", re.IGNORECASE)
_POLICY = re.compile(r"(?:\bp|policy\.dmarc)\s*=\s*(none|quarantine|reject)", re.IGNORECASE)
_SPF_IP = re.compile(r"client-ip\s*=\s*\"?([0-9a-f.:]+)", re.IGNORECASE)
_SPF_HELO = re.compile(r"helo\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
_SPF_DOMAIN = re.compile(r"domain of (?:\S*@)?([\w.-]+)", re.IGNORECASE)

# `bestguesspass` is one provider's guess about a domain without a record, which RFC 8601 calls none.
_RESULTS = {word: word for word in ("none", "pass", "fail", "softfail", "neutral", "policy", "temperror", "permerror")}
_RESULTS |= {"hardfail": "fail", "bestguesspass": "none", "unknown": "permerror", "error": "temperror"}
_RESULTS |= {"timeout": "temperror", "ignore": "neutral"}


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What is known of the session; `None` = unknown. Results in the words of RFC 8601, domains in lower case."""

    spf: str | None = None
    spf_domain: str | None = None
    dkim: str | None = None
    dkim_domains: tuple[str, ...] | None = None
    dmarc: str | None = None
    dmarc_policy: str | None = None
    client_ip: str | None = None
    helo: str | None = None
    reverse_path: str | None = None
    iprev: str | None = None
    client_name: str | None = None


def recover(message: Message, receives_at: frozenset[str] = frozenset()) -> SessionFacts:
    """Session facts of a message as it was stored by the site that received it; see `border` for `receives_at`."""
    found = hops(message.headers)
    edge = border(found, receives_at)
    above = _above(message.headers, found, edge)
    results = next(_authentication_results(above, _sites(found, edge)), "")
    received_spf = next((h.raw for h in above if h.name.lower() == "received-spf"), "")
    methods = _methods(results)
    dmarc = next(iter(methods["dmarc"]), None)
    dkim, dkim_domains = _dkim(results)
    return SessionFacts(
        spf=next(iter(methods["spf"]), None) or _first_word(received_spf),
        spf_domain=_group(_MAIL_FROM, _COMMENT.sub(" ", results)) or _group(_SPF_DOMAIN, received_spf),
        dkim=dkim,
        dkim_domains=dkim_domains,
        dmarc=dmarc,
        dmarc_policy=_group(_POLICY, results) if dmarc else None,
        client_ip=_group(_SPF_IP, received_spf) or (edge.client_ip if edge else None),
        helo=_group(_SPF_HELO, received_spf) or (edge.helo if edge else None),
        reverse_path=_reverse_path(message),
        iprev=edge.iprev if edge else None,
        client_name=edge.client_name if edge else None,
    )


def _above(headers: Sequence[Header], found: Sequence[Hop], edge: Hop | None) -> Sequence[Header]:
    """Fields above the border; where the sender is of the site itself, above its last own hop."""
    if not found:
        return ()
    own = [hop.position for hop in found if organization(hop.by) == organization(found[0].by)]
    return headers[: edge.position if edge else max(own)]


def _sites(found: Sequence[Hop], edge: Hop | None) -> frozenset[str | None]:
    upper = [hop for hop in found if edge is None or hop.position <= edge.position]
    return frozenset(organization(hop.by) for hop in upper) - {None}


def _authentication_results(above: Sequence[Header], sites: frozenset[str | None]) -> Iterator[str]:
    """Values written by the site, newest first; those that ARC sealed come last."""
    for name in ("authentication-results", "arc-authentication-results"):
        for value in (h.raw for h in above if h.name.lower() == name):
            authserv_id = re.sub(r"^\s*i\s*=\s*\d+\s*;", "", value).partition(";")[0].split()
            # One large provider leaves the authserv-id out and begins with the first method.
            if not authserv_id or "=" in authserv_id[0] or organization(authserv_id[0]) in sites:
                yield value


def _dkim(results: str) -> tuple[str | None, tuple[str, ...] | None]:
    """The best outcome of all signatures, and the domains of those that passed."""
    chunks = re.split(r"(?=\bdkim\s*=)", _COMMENT.sub(" ", results), flags=re.IGNORECASE)
    outcomes = [(outcome, chunk) for chunk in chunks for outcome in _methods(chunk)["dkim"]]
    if not outcomes:
        return None, None
    passed = (_group(_SIGNING_DOMAIN, chunk) for outcome, chunk in outcomes if outcome == "pass")
    best = "pass" if any(outcome == "pass" for outcome, _ in outcomes) else outcomes[0][0]
    return best, tuple(dict.fromkeys(domain for domain in passed if domain))


def _methods(results: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"spf": [], "dkim": [], "dmarc": []}
    for method, outcome in _METHOD.findall(_COMMENT.sub(" ", results)):
        if word := _RESULTS.get(outcome.lower()):
            found[method.lower()].append(word)
    return found


def _first_word(value: str) -> str | None:
    words = value.split(maxsplit=1)
    return _RESULTS.get(words[0].lower()) if words else None


def _group(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(text)
    return match.group(1).lower().rstrip(".") if match else None


def _reverse_path(message: Message) -> str | None:
    """Return-Path as delivery wrote it, else the sender of an mbox line; empty for the null reverse-path."""
    value = message.header("Return-Path")
    if value is None:
        line = message.raw[:1000].partition(b"\n")[0].decode("ascii", "replace").split()
        if len(line) < 3 or line[0] != "From":
            return None
        value = "" if line[1].upper() == "MAILER-DAEMON" else line[1]
    return value.strip().strip("<>").strip()
