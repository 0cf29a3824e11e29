"""The next hops of one transaction: opened at RCPT, so that each recipient gets the answer of its server.

The same transaction carries the message later, where one decision holds for all of its recipients. Where
they differ, it is reset and each group of recipients gets a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.smtp.client import NextHopGone, Reply, SmtpClient, Uncertain
from gateway.smtp.hops import Hops, Route
from seg_ml.domain.errors import DeliveryError

UNAVAILABLE = Reply(451, "4.4.1 Next hop is not available, try again later")
NO_ROUTE = Reply(550, "5.7.1 Relaying denied")


@dataclass(slots=True)
class _Leg:
    """The transaction with one next hop and the recipients that it has accepted."""

    hop: Route
    client: SmtpClient
    accepted: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sent:
    """What one next hop said to the message; `certain` is false where it never said."""

    recipients: tuple[str, ...]
    reply: Reply
    certain: bool = True


class Relay:
    """One transaction. `size` is what the sender declared, 0 for nothing; `smtputf8` asks for RFC 6531."""

    def __init__(self, hops: Hops, reverse_path: str, *, size: int = 0, smtputf8: bool = False) -> None:
        self._hops = hops
        self._reverse_path = reverse_path
        self._size = size
        self._smtputf8 = smtputf8
        self._legs: dict[Route, _Leg] = {}
        self._route: dict[str, Route] = {}

    async def recipient(self, address: str, domain: str, *, outbound: bool) -> Reply:
        """Offer one recipient to its next hop and return what it says; 451 where it cannot be reached."""
        hop = self._hops.route(domain, outbound=outbound)
        if hop is None:
            return NO_ROUTE
        try:
            leg = self._legs.get(hop) or await self._open(hop)
            reply = await leg.client.command(f"RCPT TO:<{address}>")
        except NextHopGone:
            self._legs.pop(hop, None)
            return UNAVAILABLE
        except DeliveryError as error:
            return Reply(error.code, error.text)
        if reply.positive:
            leg.accepted.append(address)
            self._route[address] = hop
        return reply

    async def send(self, recipients: Sequence[str], parts: Sequence[bytes]) -> list[Sent]:
        """Hand the message over for these recipients, one next hop after the other. Does not raise."""
        results: list[Sent] = []
        for hop in dict.fromkeys(self._route[recipient] for recipient in recipients):
            mine = [recipient for recipient in recipients if self._route[recipient] == hop]
            results += await self._send_to(hop, mine, parts)
        return results

    async def _send_to(self, hop: Route, recipients: list[str], parts: Sequence[bytes]) -> list[Sent]:
        try:
            return await self._try(hop, recipients, parts)
        except NextHopGone:
            # A server may tire of waiting for a slow sender. Without the final dot it has dropped the
            # message, so a second try is no second delivery.
            self._legs.pop(hop, None)
        except DeliveryError as error:
            return self._failed(hop, recipients, error)
        try:
            return await self._try(hop, recipients, parts)
        except DeliveryError as error:
            return self._failed(hop, recipients, error)

    async def _try(self, hop: Route, recipients: list[str], parts: Sequence[bytes]) -> list[Sent]:
        refused: list[Sent] = []
        leg = self._legs.get(hop)
        if leg is None or sorted(leg.accepted) != sorted(recipients):
            leg, refused = await self._again(hop, recipients)
        taken = tuple(leg.accepted)
        leg.accepted = []
        return [*refused, Sent(taken, await leg.client.message(parts))] if taken else refused

    def _failed(self, hop: Route, recipients: list[str], error: DeliveryError) -> list[Sent]:
        leg = self._legs.pop(hop, None)
        if leg is not None:
            leg.client.abort()
        return [Sent(tuple(recipients), Reply(error.code, error.text), not isinstance(error, Uncertain))]

    async def _again(self, hop: Route, recipients: list[str]) -> tuple[_Leg, list[Sent]]:
        """A transaction for some of the recipients; those that are refused this time come back."""
        leg = self._legs.get(hop)
        if leg is not None and leg.accepted:
            (await leg.client.command("RSET")).raise_for()
        leg = await self._open(hop) if leg is None else await self._mail(leg)
        refused = []
        for recipient in recipients:
            reply = await leg.client.command(f"RCPT TO:<{recipient}>")
            if reply.positive:
                leg.accepted.append(recipient)
            else:
                refused.append(Sent((recipient,), reply))
        return leg, refused

    async def _open(self, hop: Route) -> _Leg:
        """Begin a transaction. A kept connection may have died: then a fresh one is tried once."""
        try:
            leg = await self._mail(_Leg(hop, await self._hops.acquire(hop)))
        except NextHopGone:
            leg = await self._mail(_Leg(hop, await self._hops.acquire(hop, fresh=True)))
        self._legs[hop] = leg
        return leg

    async def _mail(self, leg: _Leg) -> _Leg:
        leg.accepted = []
        extensions = leg.client.extensions
        words = [f"MAIL FROM:<{self._reverse_path}>"]
        if self._smtputf8:
            if "SMTPUTF8" not in extensions:
                await self._hops.release(leg.hop, leg.client)
                raise DeliveryError(550, "5.6.7 Next hop does not support SMTPUTF8")
            words.append("SMTPUTF8")
        if "8BITMIME" in extensions:
            words.append("BODY=8BITMIME")
        if self._size and "SIZE" in extensions:
            words.append(f"SIZE={self._size}")
        reply = await leg.client.command(" ".join(words))
        if not reply.positive:
            await self._hops.release(leg.hop, leg.client)
            reply.raise_for()
        return leg

    async def close(self) -> None:
        """End what is open: connections between transactions are kept, others reset first."""
        for leg in self._legs.values():
            try:
                if leg.accepted:
                    (await leg.client.command("RSET")).raise_for()
                await self._hops.release(leg.hop, leg.client)
            except DeliveryError:
                leg.client.abort()
        self._legs.clear()
