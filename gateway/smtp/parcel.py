"""A message that is decided on, and what actions may do with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gateway.actions.base import Result
from gateway.smtp.outcomes import sent_result
from gateway.smtp.relay import Relay
from gateway.store import records
from gateway.store.blobs import Blobs
from gateway.store.database import Database
from gateway.store.records import Copy, Facts
from gateway.store.tables import Outcome
from seg_ml.domain.verdict import Decision, Disposition


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message with all that is needed to hand it over. `headers` builds our fields for a disposition."""

    facts: Facts
    raw: bytes
    message: bytes
    directions: Mapping[str, str]
    headers: Callable[[Disposition], bytes]
    client_left: Callable[[], bool]
    tag: str = ""


class Tools:
    """What actions may do, for one message."""

    def __init__(self, database: Database, blobs: Blobs, parcel: Parcel, relay: Relay) -> None:
        self._database = database
        self._blobs = blobs
        self._parcel = parcel
        self._relay = relay
        self.retry: list[str] = []

    async def send(self, recipients: Sequence[str], parts: Sequence[bytes]) -> list[Result]:
        """To the next hops."""
        sent = await self._relay.send(recipients, parts)
        return [sent_result(recipient, item) for item in sent for recipient in item.recipients]

    async def hold(self, recipients: Sequence[str], decision: Decision, headers: bytes) -> list[Result]:
        """Blob first, then rows, both durable.

        Raises:
            StoreError: it is not held.
        """
        parcel = self._parcel
        await asyncio.to_thread(self._blobs.put, parcel.raw)
        copies = [Copy(recipient, parcel.directions[recipient], decision) for recipient in recipients]
        held = await self._database.write(lambda c: records.insert_holds(c, parcel.facts, copies, headers))
        return [Result(recipient, Outcome.QUARANTINED, 250, "2.0.0 Ok", held[recipient]) for recipient in recipients]
