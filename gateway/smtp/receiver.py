"""From the final dot to the answer: checks, judgement, decision, hand-over, and one event in the log."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from gateway.log import get_logger
from gateway.scoring.clamav import outcome as clamav_outcome
from gateway.smtp import headers, replies, stamps
from gateway.smtp.client import Reply
from gateway.smtp.connection import where
from gateway.smtp.context import Context
from gateway.smtp.data import Incoming
from gateway.smtp.handover import Unrecorded
from gateway.smtp.judge import Judgement
from gateway.smtp.parcel import Parcel
from gateway.smtp.transaction import Transaction
from gateway.store.records import Copy, Facts
from gateway.store.tables import Outcome
from seg_ml.domain.envelope import Envelope
from seg_ml.domain.errors import SegError
from seg_ml.domain.verdict import Decision, Disposition

log = get_logger()
PROBLEMS = {
    "bare-newline": replies.BARE_NEWLINE,
    "too-big": replies.TOO_BIG,
    "disk": replies.NO_SPACE,
    "memory": replies.BUSY,
}


class Client(Protocol):
    """What is known of who sends."""

    context: Context
    client_ip: str
    helo: str
    extended: bool
    tls: bool
    authenticated_as: str | None
    user: str | None
    client_gone: bool
    forwarded: dict[str, str]

    @property
    def trusted(self) -> bool:
        """Whether it may send anywhere."""
        ...


async def receive(client: Client, transaction: Transaction, incoming: Incoming) -> Reply:
    """Take one message, or say why not. Always an answer, never an exception."""
    started = time.perf_counter()
    facts = _facts(client, transaction, incoming)
    copies: Sequence[Copy] = ()
    problem = ""
    try:
        reply, copies, facts = await _take(client, transaction, incoming, facts)
    except SegError as error:
        reply, problem = replies.answer(error), type(error).__name__
    except TimeoutError:
        reply, problem = replies.INTERNAL, "deadline"
    except Exception as error:
        log.error("bug", queue_id=transaction.queue_id, error=type(error).__name__, at=where(error))
        reply, problem = replies.INTERNAL, "bug"
    if problem:
        copies = await _record_failure(client.context, transaction, facts, reply, problem)
    _tell(client.context, facts, copies, reply, problem, (time.perf_counter() - started) * 1000)
    return reply


async def _take(
    client: Client, transaction: Transaction, incoming: Incoming, facts: Facts
) -> tuple[Reply, Sequence[Copy], Facts]:
    """The way of a message that meets no error."""
    context, raw = client.context, incoming.raw
    token = stamps.loop_token(context.settings.smtp.hostname, transaction.direction.value)
    refusal = _refusal(incoming, token, context.settings.smtp.received_limit) or _not_the_author(client, raw)
    if refusal is not None:
        return await _refuse(client, transaction, facts, refusal[0], refusal[1])
    # Only what can be broken off without doubt about the message has this deadline.
    async with asyncio.timeout(context.settings.smtp.transaction_deadline):
        judgement = await context.judge.judge(raw, facts.envelope, trusted=client.trusted)
    if context.judge.asks_clamav:
        context.metrics.clamav.labels(clamav_outcome(judgement.findings)).inc()
    facts = _judged(facts, judgement)
    decisions = {
        recipient.address: context.judge.decide(judgement, recipient.direction, recipient.domain)
        for recipient in transaction.recipients.values()
    }
    parcel = Parcel(
        facts=facts,
        raw=raw,
        message=headers.strip_ours(raw, context.settings.authserv_id),
        directions=_directions(transaction),
        headers=_stamper(client, transaction, facts, token),
        client_left=lambda: client.client_gone,
        tag="unscored" if judgement.unscored else "",
    )
    reply, copies = await context.handover.run(parcel, decisions, transaction.relay)
    if context.memory is not None:
        context.memory.note(raw, facts, copies)
    if judgement.unscored:
        context.metrics.unscored.labels(judgement.unscored).inc()
    return reply or replies.INTERNAL, copies, facts


def _refusal(incoming: Incoming, token: str, received_limit: int) -> tuple[Reply, str] | None:
    """What is wrong with a message whatever it says."""
    if incoming.problem:
        return PROBLEMS[incoming.problem], f"protocol-{incoming.problem}"
    if headers.count_received(incoming.raw) > received_limit or headers.has_token(incoming.raw, token):
        return replies.LOOP, "protocol-loop"
    return None


def _not_the_author(client: Client, raw: bytes) -> tuple[Reply, str] | None:
    """Whether a user writes as somebody else."""
    if client.user is None or client.context.guard.senders.may_write(client.user, raw):
        return None
    return replies.NOT_YOUR_FROM, "submission-author"


async def _refuse(
    client: Client, transaction: Transaction, facts: Facts, reply: Reply, rule: str
) -> tuple[Reply, Sequence[Copy], Facts]:
    lasting = reply.code >= 500
    decision = Decision(Disposition.REJECT if lasting else Disposition.DEFER, rule, f"{reply.code} {reply.text}")
    outcome = Outcome.REJECTED if lasting else Outcome.DEFERRED
    directions = _directions(transaction)
    copies = [Copy(r, directions[r], decision, outcome, decision.reply) for r in transaction.recipients]
    await client.context.handover.record(facts, copies)
    return reply, copies, facts


async def _record_failure(
    context: Context, transaction: Transaction, facts: Facts, reply: Reply, problem: str
) -> Sequence[Copy]:
    """Leave a final row of a message that we failed on, where the store lets us."""
    decision = Decision(Disposition.DEFER, f"failure-{problem.lower()}", f"{reply.code} {reply.text}")
    directions = _directions(transaction)
    outcome = Outcome.UNKNOWN if problem == Unrecorded.__name__ else Outcome.DEFERRED
    copies = [Copy(r, directions[r], decision, outcome, decision.reply) for r in transaction.recipients]
    try:
        await context.handover.record(facts, copies)
    except SegError as error:
        log.warning("unrecorded", queue_id=facts.queue_id, error=type(error).__name__)
    return copies


def _facts(client: Client, transaction: Transaction, incoming: Incoming) -> Facts:
    envelope = Envelope(
        client_ip=client.forwarded.get("ADDR", client.client_ip),
        helo=client.forwarded.get("HELO", client.helo),
        reverse_path=transaction.reverse_path,
        forward_paths=tuple(transaction.recipients),
        tls=client.tls,
        authenticated_as=client.authenticated_as,
    )
    return Facts(
        queue_id=transaction.queue_id,
        instance=client.context.settings.smtp.hostname,
        received_at=transaction.received_at,
        envelope=envelope,
        size=incoming.size,
        sha256=hashlib.sha256(incoming.raw).hexdigest(),
        message_id_hash=headers.message_id_hash(incoming.raw),
    )


def _judged(facts: Facts, judgement: Judgement) -> Facts:
    return replace(
        facts,
        authentication=judgement.authentication,
        verdict=judgement.verdict,
        findings=judgement.findings,
        unscannable=judgement.unscannable,
        milliseconds=judgement.milliseconds,
    )


def _directions(transaction: Transaction) -> Mapping[str, str]:
    return {address: recipient.direction.value for address, recipient in transaction.recipients.items()}


def _stamper(client: Client, transaction: Transaction, facts: Facts, token: str) -> Callable[[Disposition], bytes]:
    """Our fields, newest trace field on top (RFC 5321 §4.4)."""
    settings = client.context.settings
    protocol = stamps.protocol(
        extended=client.extended,
        tls=client.tls,
        authenticated=client.authenticated_as is not None,
        utf8=transaction.utf8,
    )
    received = stamps.received(
        facts.envelope, hostname=settings.smtp.hostname, token=token, queue_id=facts.queue_id, protocol=protocol
    )
    results = stamps.authentication_results(facts.authentication, facts.envelope, settings.authserv_id)
    return lambda disposition: stamps.verdict(disposition, facts.model_version, facts.queue_id) + results + received


def _tell(context: Context, facts: Facts, copies: Sequence[Copy], reply: Reply, problem: str, total: float) -> None:
    """One event a message, and the counters."""
    for copy in copies:
        context.metrics.messages.labels(copy.outcome.value, copy.decision.rule).inc()
    for step, milliseconds in {**facts.milliseconds, "total": total}.items():
        context.metrics.seconds.labels(step).observe(milliseconds / 1000)
    log.info(
        "message",
        queue_id=facts.queue_id,
        message_id_hash=facts.message_id_hash,
        recipients=len(copies),
        size=facts.size,
        dispositions=sorted({copy.decision.disposition.value for copy in copies}),
        outcomes=sorted({copy.outcome.value for copy in copies}),
        rules=sorted({copy.decision.rule for copy in copies}),
        model_version=facts.model_version,
        reply=reply.code,
        problem=problem,
        milliseconds={**facts.milliseconds, "total": round(total, 1)},
    )
