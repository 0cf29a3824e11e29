"""The hosts that take a domain's mail, in the order in which they are tried (RFC 5321 §5.1)."""

from __future__ import annotations

import ipaddress
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from gateway.authentication.fields import normal_domain
from gateway.authentication.resolver import DnsFailure, Resolver
from gateway.settings import Network
from seg_ml.domain.errors import DeliveryError

MOST_HOSTS = 8
MOST_ADDRESSES = 4


@dataclass(frozen=True, slots=True)
class Exchangers:
    """Host names, best first; `secure` where DNSSEC vouches that they are the domain's."""

    hosts: tuple[str, ...]
    secure: bool


def exchangers(resolver: Resolver, domain: str, ourselves: str, chance: random.Random) -> Exchangers:
    """The domain's MX hosts, or the domain itself where it names none.

    Raises:
        DeliveryError: it takes no mail (null MX, RFC 7505), leads back to us, or DNS does not answer.
    """
    try:
        answers, secure = resolver.ask(domain, "MX")
    except DnsFailure as error:
        raise DeliveryError(451, "4.4.3 Domain of the recipient cannot be looked up now") from error
    found = sorted((int(item[0]), str(item[1])) for item in answers if isinstance(item, tuple))
    if not found:
        return Exchangers((domain,), secure)
    if all(host in ("", ".") for _, host in found):
        raise DeliveryError(556, "5.1.10 Domain of the recipient takes no mail")
    ranked = [(preference, host.rstrip(".").lower()) for preference, host in found]
    nearer = _before_us(ranked, ourselves.lower())
    if not nearer:
        raise DeliveryError(554, "5.4.6 Mail for this domain leads back to us")
    return Exchangers(_shuffled(nearer, chance)[:MOST_HOSTS], secure)


def _before_us(ranked: Sequence[tuple[int, str]], ourselves: str) -> list[tuple[int, str]]:
    """Without ourselves and whoever stands behind us, or mail would go round in circles."""
    ours = min((preference for preference, host in ranked if host == ourselves), default=None)
    return [(preference, host) for preference, host in ranked if ours is None or preference < ours]


def _shuffled(ranked: Sequence[tuple[int, str]], chance: random.Random) -> tuple[str, ...]:
    """Hosts of equal preference in an order of chance."""
    hosts: list[str] = []
    for _, group in groupby(ranked, key=lambda item: item[0]):
        equal = [host for _, host in group if normal_domain(host) == host]
        chance.shuffle(equal)
        hosts += equal
    return tuple(dict.fromkeys(hosts))


def addresses(resolver: Resolver, host: str, private: Sequence[Network]) -> tuple[tuple[str, ...], bool]:
    """Addresses of a host that mail may be sent to, and whether DNSSEC vouches for them.

    Only public ones, and those of `private`: an MX that points into our own network is no way into it.

    Raises:
        DnsFailure: nobody answered.
    """
    found: list[str] = []
    secure = True
    for kind in ("AAAA", "A"):
        answers, vouched = resolver.ask(host, kind)
        secure = secure and (vouched or not answers)
        found += [str(answer) for answer in answers]
    allowed = tuple(text for text in found if _may_be_sent_to(text, private))
    return allowed[:MOST_ADDRESSES], secure and bool(allowed)


def _may_be_sent_to(text: str, private: Sequence[Network]) -> bool:
    address = ipaddress.ip_address(text)
    return address.is_global or any(address in network for network in private)
