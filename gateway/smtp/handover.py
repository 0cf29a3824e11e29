"""Carries decisions out, in the order that loses nothing.

1. Every recipient's trace row is written as `PENDING`, and every held copy with its blob, durably.
2. Then copies go to their next hops.
3. Then rows turn final, and only then the sender hears 250.

If 3 fails the sender hears 451 and may send again: one duplicate at most, never a loss.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from gateway.actions.base import Action, Batch, Result, Stage
from gateway.smtp.client import Reply
from gateway.smtp.outcomes import TAKEN, aborted, copies_of, harmonise, worst
from gateway.smtp.parcel import Parcel, Tools
from gateway.smtp.relay import Relay
from gateway.store import later, quarantine, records
from gateway.store.blobs import Blobs
from gateway.store.database import Database
from gateway.store.records import Copy, Facts
from gateway.store.tables import Outcome
from seg_ml.domain.errors import StoreError
from seg_ml.domain.verdict import Decision

FINAL_TRIES = 3


class Unrecorded(StoreError):
    """Copies may have left, and what became of them could not be written."""


class Handover:
    """Shared by all transactions."""

    def __init__(self, database: Database, blobs: Blobs, actions: Sequence[Action]) -> None:
        self._database = database
        self._blobs = blobs
        self._actions = {item.id: item for item in actions}

    async def run(
        self, parcel: Parcel, decisions: Mapping[str, Decision], relay: Relay
    ) -> tuple[Reply | None, list[Copy]]:
        """The reply to the final dot, `None` where the client has left, and what became of each copy.

        Raises:
            StoreError: nothing was taken.
            Unrecorded: copies may have been delivered.
        """
        decisions = harmonise(decisions)
        batches = self._batches(parcel, decisions)
        tools = Tools(self._database, self._blobs, parcel, relay)
        stages = {id(batch): self._actions[batch.decision.disposition.value].stage for batch in batches}
        refusing = [batch for batch in batches if stages[id(batch)] is Stage.REFUSE]
        if refusing:
            results = await self._apply(refusing, tools)
            return await self._refuse(parcel, decisions, results)
        await self._write_pending(parcel, decisions)
        results = await self._apply([b for b in batches if stages[id(b)] is Stage.HOLD], tools)
        sending = [batch for batch in batches if stages[id(batch)] is Stage.SEND]
        if parcel.client_left():
            return None, await self._finish(parcel, decisions, aborted(decisions))
        results += await self._apply(sending, tools)
        results = await self._rescue(parcel, decisions, results, tools)
        reply = worst(results, parcel.facts.queue_id)
        waits = parcel.tag == "unscored" and await self._keep_for_later(parcel, results)
        return reply, await self._finish(parcel, decisions, results, tools.retry, waits)

    async def record(self, facts: Facts, copies: Sequence[Copy]) -> None:
        """Final rows of a message that goes nowhere; rows it already has are turned final.

        Raises:
            StoreError: they could not be written.
        """
        await self._database.write(lambda c: records.upsert_trace(c, facts, copies))

    def _batches(self, parcel: Parcel, decisions: Mapping[str, Decision]) -> list[Batch]:
        groups: dict[Decision, list[str]] = {}
        for recipient, decision in decisions.items():
            groups.setdefault(decision, []).append(recipient)
        return [
            Batch(tuple(recipients), decision, parcel.headers(decision.disposition), parcel.message, parcel.tag)
            for decision, recipients in groups.items()
        ]

    async def _apply(self, batches: Sequence[Batch], tools: Tools) -> list[Result]:
        results: list[Result] = []
        for batch in batches:
            results += await self._actions[batch.decision.disposition.value].apply(batch, tools)
        return results

    async def _refuse(
        self, parcel: Parcel, decisions: Mapping[str, Decision], results: Sequence[Result]
    ) -> tuple[Reply, list[Copy]]:
        copies = copies_of(parcel.directions, decisions, results)
        await self._database.write(lambda c: records.insert_trace(c, parcel.facts, copies))
        return Reply(results[0].code, results[0].text), copies

    async def _write_pending(self, parcel: Parcel, decisions: Mapping[str, Decision]) -> None:
        copies = copies_of(parcel.directions, decisions, ())
        await self._database.write(lambda c: records.insert_trace(c, parcel.facts, copies))

    async def _rescue(
        self, parcel: Parcel, decisions: Mapping[str, Decision], results: list[Result], tools: Tools
    ) -> list[Result]:
        """Some copies are with their next hop and others were refused: one reply cannot say both.

        A 4xx for all would deliver the first ones again. So the others are held, and tried again from the
        outbox unless the refusal was for good; the administrator sees them either way.
        """
        failed = [result for result in results if result.outcome not in TAKEN]
        if not failed or all(result.outcome is not Outcome.DELIVERED for result in results):
            return results
        rescued = [result for result in results if result.outcome in TAKEN]
        for result in failed:
            decision = decisions[result.recipient]
            held = await tools.hold([result.recipient], decision, parcel.headers(decision.disposition))
            tools.retry += [item.hold_id for item in held if item.hold_id and result.code < 500]
            rescued += [replace(item, text=f"{result.code} {result.text}") for item in held]
        return rescued

    async def _keep_for_later(self, parcel: Parcel, results: Sequence[Result]) -> bool:
        """Keep the bytes of what was delivered without a verdict; a full disk only means that none will come."""
        if all(result.outcome is not Outcome.DELIVERED for result in results):
            return False
        try:
            await asyncio.to_thread(self._blobs.put, parcel.raw)
        except StoreError:
            return False
        return True

    async def _finish(
        self,
        parcel: Parcel,
        decisions: Mapping[str, Decision],
        results: Sequence[Result],
        retry: Sequence[str] = (),
        waits: bool = False,
    ) -> list[Copy]:
        copies = copies_of(parcel.directions, decisions, results)

        def work(connection: Connection) -> None:
            records.finish_trace(connection, parcel.facts, copies)
            for hold_id in retry:
                quarantine.send_later(connection, hold_id)
            if waits:
                later.add(connection, parcel.facts)

        for attempt in range(1, FINAL_TRIES + 1):
            try:
                await self._database.write(work)
                return copies
            except StoreError as error:
                if attempt == FINAL_TRIES:
                    raise Unrecorded(str(error)) from error
                await asyncio.sleep(0.1 * attempt)
        return copies
