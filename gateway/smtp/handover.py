"""Carries decisions out, in the order that loses nothing.

1. Every recipient's trace row is written as `PENDING`, and every held copy with its blob, durably.
2. Then copies go to their next hops.
3. Then rows turn final, and only then the sender hears 250.

If 3 fails the sender hears 451 and may send again: one duplicate at most, never a loss.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from gateway.actions.base import Action, Batch, Result, Stage
from gateway.smtp.client import Reply
from gateway.smtp.relay import Relay, Sent
from gateway.smtp.replies import INTERNAL
from gateway.store import later, quarantine, records
from gateway.store.blobs import Blobs
from gateway.store.database import Database
from gateway.store.records import Copy, Facts
from gateway.store.tables import Outcome
from seg_ml.domain.errors import StoreError
from seg_ml.domain.verdict import Decision, Disposition

FINAL_TRIES = 3
TAKEN = (Outcome.DELIVERED, Outcome.QUARANTINED)


class Unrecorded(StoreError):
    """Copies may have left, and what became of them could not be written."""


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
        tools = _Tools(self._database, self._blobs, parcel, relay)
        stages = {id(batch): self._actions[batch.decision.disposition.value].stage for batch in batches}
        refusing = [batch for batch in batches if stages[id(batch)] is Stage.REFUSE]
        if refusing:
            results = await self._apply(refusing, tools)
            return await self._refuse(parcel, decisions, results)
        await self._write_pending(parcel, decisions)
        results = await self._apply([b for b in batches if stages[id(b)] is Stage.HOLD], tools)
        sending = [batch for batch in batches if stages[id(batch)] is Stage.SEND]
        if parcel.client_left():
            return None, await self._finish(parcel, decisions, _aborted(decisions))
        results += await self._apply(sending, tools)
        results = await self._rescue(parcel, decisions, results, tools)
        reply = _reply(results, parcel.facts.queue_id)
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

    async def _apply(self, batches: Sequence[Batch], tools: _Tools) -> list[Result]:
        results: list[Result] = []
        for batch in batches:
            results += await self._actions[batch.decision.disposition.value].apply(batch, tools)
        return results

    async def _refuse(
        self, parcel: Parcel, decisions: Mapping[str, Decision], results: Sequence[Result]
    ) -> tuple[Reply, list[Copy]]:
        copies = _copies(parcel, decisions, results)
        await self._database.write(lambda c: records.insert_trace(c, parcel.facts, copies))
        return Reply(results[0].code, results[0].text), copies

    async def _write_pending(self, parcel: Parcel, decisions: Mapping[str, Decision]) -> None:
        copies = _copies(parcel, decisions, ())
        await self._database.write(lambda c: records.insert_trace(c, parcel.facts, copies))

    async def _rescue(
        self, parcel: Parcel, decisions: Mapping[str, Decision], results: list[Result], tools: _Tools
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
        copies = _copies(parcel, decisions, results)

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


class _Tools:
    """What actions may do, for one message."""

    def __init__(self, database: Database, blobs: Blobs, parcel: Parcel, relay: Relay) -> None:
        self._database = database
        self._blobs = blobs
        self._parcel = parcel
        self._relay = relay
        self.retry: list[str] = []

    async def send(self, recipients: Sequence[str], parts: Sequence[bytes]) -> list[Result]:
        sent = await self._relay.send(recipients, parts)
        return [_sent_result(recipient, item) for item in sent for recipient in item.recipients]

    async def hold(self, recipients: Sequence[str], decision: Decision, headers: bytes) -> list[Result]:
        parcel = self._parcel
        await asyncio.to_thread(self._blobs.put, parcel.raw)
        copies = [Copy(recipient, parcel.directions[recipient], decision) for recipient in recipients]
        held = await self._database.write(lambda c: records.insert_holds(c, parcel.facts, copies, headers))
        return [Result(recipient, Outcome.QUARANTINED, 250, "2.0.0 Ok", held[recipient]) for recipient in recipients]


def harmonise(decisions: Mapping[str, Decision]) -> dict[str, Decision]:
    """One reply answers for all recipients (RFC 5321 §4.2.5), so decisions that cannot stand side by side give way.

    If one copy has to wait, all wait. If only some are to be rejected, those are held instead: to reject
    them all would lose the others, to drop them would tell nobody.
    """
    deferring = [decision for decision in decisions.values() if decision.disposition is Disposition.DEFER]
    if deferring:
        return dict.fromkeys(decisions, deferring[0])
    rejecting = [decision for decision in decisions.values() if decision.disposition is Disposition.REJECT]
    if not rejecting or len(rejecting) == len(decisions):
        return dict.fromkeys(decisions, rejecting[0]) if rejecting else dict(decisions)
    return {
        recipient: Decision(Disposition.QUARANTINE, decision.rule)
        if decision.disposition is Disposition.REJECT
        else decision
        for recipient, decision in decisions.items()
    }


def _sent_result(recipient: str, sent: Sent) -> Result:
    code, text = sent.reply.code, sent.reply.text
    if not sent.certain:
        return Result(recipient, Outcome.UNKNOWN, 451, text)
    if 200 <= code < 300:
        return Result(recipient, Outcome.DELIVERED, 250, text)
    if 500 <= code < 600:
        return Result(recipient, Outcome.REJECTED, code, text)
    return Result(recipient, Outcome.DEFERRED, code if 400 <= code < 500 else 451, text)


def _aborted(decisions: Mapping[str, Decision]) -> list[Result]:
    return [Result(recipient, Outcome.ABORTED, INTERNAL.code, "client left") for recipient in decisions]


def _reply(results: Sequence[Result], queue_id: str) -> Reply:
    """The worst of the results: a temporary refusal before a lasting one, since the sender then keeps the message."""
    refused = sorted((r for r in results if r.outcome not in TAKEN), key=lambda r: r.code)
    if refused:
        return Reply(refused[0].code, refused[0].text)
    return Reply(250, f"2.0.0 Ok: {queue_id}")


def _copies(parcel: Parcel, decisions: Mapping[str, Decision], results: Sequence[Result]) -> list[Copy]:
    found = {result.recipient: result for result in results}
    # One refused copy means that the sender was not answered 250: nothing of this transaction is held.
    whole = all(result.outcome in TAKEN for result in results)
    return [
        _copy(parcel, recipient, decision, found.get(recipient), whole) for recipient, decision in decisions.items()
    ]


def _copy(parcel: Parcel, recipient: str, decision: Decision, result: Result | None, whole: bool) -> Copy:
    direction = parcel.directions[recipient]
    if result is None:
        return Copy(recipient, direction, decision)
    outcome, hold_id = result.outcome, result.hold_id
    if outcome is Outcome.QUARANTINED and not whole:
        outcome, hold_id = Outcome.ABORTED, None
    return Copy(recipient, direction, decision, outcome, f"{result.code} {result.text}", hold_id)
