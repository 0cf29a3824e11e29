"""Writes of a transaction: `PENDING` before anything leaves the house, one final record after."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, select, update

from gateway.store.tables import HoldState, Outcome, hold, trace
from seg_ml.domain.envelope import AuthenticationResults, Envelope
from seg_ml.domain.verdict import Decision, Finding, Verdict

LIVE = (HoldState.PENDING, HoldState.FINAL)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is recorded of one transaction, whatever becomes of it."""

    queue_id: str
    instance: str
    received_at: float
    envelope: Envelope
    size: int = 0
    sha256: str = ""
    message_id_hash: str = ""
    authentication: AuthenticationResults = field(default_factory=AuthenticationResults)
    verdict: Verdict | None = None
    findings: tuple[Finding, ...] = ()
    unscannable: str = ""
    milliseconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def model_version(self) -> str:
        """Who judged: the model's version, or `signatures`."""
        return self.verdict.model_version if self.verdict else "signatures"


@dataclass(frozen=True, slots=True)
class Copy:
    """One recipient's copy, what was decided for it and what became of it."""

    recipient: str
    direction: str
    decision: Decision
    outcome: Outcome = Outcome.PENDING
    reply: str = ""
    hold_id: str | None = None


def findings_json(findings: Sequence[Finding]) -> list[dict[str, str]]:
    """Findings as the tables keep them."""
    return [
        {"signature": f.signature, "severity": f.severity.name.lower(), "evidence": f.evidence[:500]} for f in findings
    ]


def insert_trace(connection: Connection, facts: Facts, copies: Sequence[Copy]) -> None:
    """One row per recipient."""
    final = [copy.outcome is not Outcome.PENDING for copy in copies]
    now = time.time()
    rows = [
        _trace_row(facts, copy) | {"finished_at": now if done else None}
        for copy, done in zip(copies, final, strict=True)
    ]
    connection.execute(trace.insert(), rows)


def finish_trace(connection: Connection, facts: Facts, copies: Sequence[Copy]) -> None:
    """Turn the rows of a transaction final, and its held copies with them."""
    now = time.time()
    for copy in copies:
        values: dict[str, Any] = {"outcome": copy.outcome, "reply": copy.reply, "hold_id": copy.hold_id}
        values["finished_at"] = now
        values |= {"disposition": copy.decision.disposition.value, "rule": copy.decision.rule}
        values["milliseconds"] = dict(facts.milliseconds)
        mine = (trace.c.queue_id == facts.queue_id) & (trace.c.recipient == copy.recipient)
        connection.execute(update(trace).where(mine).values(**values))
    kept = [copy.hold_id for copy in copies if copy.outcome is Outcome.QUARANTINED]
    mine = (hold.c.queue_id == facts.queue_id) & (hold.c.state == HoldState.PENDING)
    connection.execute(update(hold).where(mine, hold.c.id.in_(kept)).values(state=HoldState.FINAL, changed_at=now))
    # The sender was not answered 250 for these: it keeps the message and tries again.
    connection.execute(update(hold).where(mine).values(state=HoldState.WITHDRAWN, changed_at=now))


def upsert_trace(connection: Connection, facts: Facts, copies: Sequence[Copy]) -> None:
    """Final rows, whether or not the transaction got as far as its `PENDING` ones."""
    begun = connection.scalar(select(trace.c.queue_id).where(trace.c.queue_id == facts.queue_id).limit(1))
    if begun is None:
        insert_trace(connection, facts, copies)
    else:
        finish_trace(connection, facts, copies)


def insert_holds(connection: Connection, facts: Facts, copies: Sequence[Copy], headers: bytes) -> dict[str, str]:
    """Hold a copy for each recipient as `PENDING`; returns the hold's id per recipient.

    A second try of the same envelope and bytes finds the first one's row and takes it over.
    """
    return {copy.recipient: _hold_one(connection, facts, copy, headers) for copy in copies}


def _hold_one(connection: Connection, facts: Facts, copy: Copy, headers: bytes) -> str:
    key = hold_key(facts.envelope.reverse_path, copy.recipient, facts.sha256)
    now = time.time()
    found = connection.execute(select(hold.c.id, hold.c.state).where(hold.c.key == key, hold.c.state.in_(LIVE))).first()
    if found is not None:
        values: dict[str, Any] = {"changed_at": now}
        if found.state == HoldState.PENDING:
            values |= {"queue_id": facts.queue_id, "headers": headers}
        connection.execute(update(hold).where(hold.c.id == found.id).values(**values))
        return str(found.id)
    row = _hold_row(facts, copy, headers, key) | {"created_at": now, "changed_at": now}
    connection.execute(hold.insert().values(**row))
    return str(row["id"])


def hold_key(reverse_path: str | None, recipient: str, sha256: str) -> str:
    """SHA-256 over envelope and bytes, one per recipient."""
    return hashlib.sha256(f"{reverse_path}\0{recipient}\0{sha256}".encode("utf-8", "surrogateescape")).hexdigest()


def _hold_row(facts: Facts, copy: Copy, headers: bytes, key: str) -> dict[str, Any]:
    return {
        "id": uuid4().hex[:16],
        "key": key,
        "state": HoldState.PENDING,
        "queue_id": facts.queue_id,
        "recipient": copy.recipient,
        "direction": copy.direction,
        "reverse_path": facts.envelope.reverse_path,
        "client_ip": facts.envelope.client_ip,
        "sha256": facts.sha256,
        "size": facts.size,
        "headers": headers,
        "rule": copy.decision.rule,
        "label": facts.verdict.label.value if facts.verdict else None,
        "model_version": facts.model_version,
        "findings": findings_json(facts.findings),
    }


def _trace_row(facts: Facts, copy: Copy) -> dict[str, Any]:
    envelope, verdict = facts.envelope, facts.verdict
    return {
        "queue_id": facts.queue_id,
        "recipient": copy.recipient,
        "instance": facts.instance,
        "received_at": facts.received_at,
        "outcome": copy.outcome,
        "direction": copy.direction,
        "client_ip": envelope.client_ip,
        "helo": envelope.helo,
        "reverse_path": envelope.reverse_path,
        "authenticated_as": envelope.authenticated_as,
        "tls": envelope.tls,
        "message_id_hash": facts.message_id_hash,
        "sha256": facts.sha256,
        "size": facts.size,
        "disposition": copy.decision.disposition.value,
        "rule": copy.decision.rule,
        "label": verdict.label.value if verdict else None,
        "threat_probability": verdict.threat_probability if verdict else None,
        "model_version": facts.model_version,
        "unscannable": facts.unscannable or None,
        "findings": findings_json(facts.findings),
        "authentication": {key: value for key, value in asdict(facts.authentication).items() if value},
        "reply": copy.reply,
        "hold_id": copy.hold_id,
        "milliseconds": dict(facts.milliseconds),
    }
