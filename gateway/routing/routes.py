"""For one domain: which addresses to try, in which order, with which TLS."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass

from gateway.authentication.fields import normal_domain
from gateway.authentication.resolver import DnsFailure, Resolver
from gateway.log import get_logger
from gateway.routing.dane import Tlsa, tlsa
from gateway.routing.exchangers import Exchangers, addresses, exchangers
from gateway.routing.policies import Policies
from gateway.routing.sts import StsPolicy
from gateway.routing.tls import Tls
from gateway.settings import MxSettings
from seg_ml.domain.errors import DeliveryError

log = get_logger()


@dataclass(frozen=True, slots=True)
class Target:
    """An address with the kinds of TLS that may be tried on it, best first.

    `testing`: the first of `levels` is what an MTA-STS policy asks for that is not enforced yet.
    """

    host: str
    address: str
    levels: tuple[Tls, ...]
    testing: bool = False


class Routes:
    """`secure` says whether the resolver's word on DNSSEC is believed; without, there is no DANE."""

    def __init__(
        self, resolver: Resolver, policies: Policies | None, settings: MxSettings, ourselves: str, *, secure: bool
    ) -> None:
        self._resolver = resolver
        self._policies = policies
        self._settings = settings
        self._ourselves = ourselves
        self._secure = secure
        self._chance = random.SystemRandom()

    async def targets(self, domain: str) -> list[Target]:
        """Best first.

        Raises:
            DeliveryError: the domain takes no mail, or nobody may be tried now.
        """
        name = normal_domain(domain)
        if name is None:
            raise DeliveryError(550, "5.1.2 Domain of the recipient is none")
        found = await asyncio.to_thread(exchangers, self._resolver, name, self._ourselves, self._chance)
        policy = await self._policies.policy(name) if self._policies is not None else None
        targets: list[Target] = []
        failed = False
        for host in found.hosts:
            try:
                targets += await asyncio.to_thread(self._of_host, name, host, found, policy)
            except DnsFailure:
                failed = True  # RFC 7672 §2.1.2: a host whose TLSA records may be kept from us is not spoken to
        if not targets:
            raise _nobody(failed, policy)
        return targets

    def _of_host(self, domain: str, host: str, found: Exchangers, policy: StsPolicy | None) -> list[Target]:
        reachable, vouched = addresses(self._resolver, host, self._settings.private_networks)
        dane = self._secure and found.secure and vouched
        records = tlsa(self._resolver, host, self._settings.port) if dane else ()
        allowed = policy is None or policy.mode == "none" or policy.allows(host)
        if policy is not None and not allowed:
            log.warning("mta_sts", mx=host, mode=policy.mode, problem="host is not in the policy")
            if policy.mode == "enforce" and not records:
                return []
        levels = self._levels(domain, host, records, policy)
        testing = policy is not None and policy.mode == "testing" and not records
        return [Target(host, address, levels, testing) for address in reachable]

    def _levels(self, domain: str, host: str, records: tuple[Tlsa, ...], policy: StsPolicy | None) -> tuple[Tls, ...]:
        """DANE goes before MTA-STS, and neither ever makes up for the other (RFC 8461 §2)."""
        usable = tuple(record for record in records if record.usable)
        verified = Tls("required", host, self._settings.ca_file)
        if usable:
            return (Tls("dane", host, tlsa=usable, names=(host, domain)),)
        if records:
            return (Tls("encrypted", host),)
        if self._settings.tls == "required" or (policy is not None and policy.mode == "enforce"):
            return (verified,)
        unsure = (Tls("opportunistic", host), Tls("none", host))
        return (verified, *unsure) if policy is not None and policy.mode == "testing" else unsure


def _nobody(failed: bool, policy: StsPolicy | None) -> DeliveryError:
    if failed:
        return DeliveryError(451, "4.4.3 Hosts of the recipient's domain cannot be looked up now")
    if policy is not None and policy.mode == "enforce":
        return DeliveryError(451, "4.7.5 No host of the recipient's domain is in its MTA-STS policy")
    return DeliveryError(550, "5.1.2 Domain of the recipient has no host that takes mail")
