"""What an administrator does with held messages. Releases are entered into the outbox, never sent from here."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, delete, select, update

from gateway.store.tables import HoldState, TaskState, feedback, hold, outbox, trace, unscored
from seg_ml.domain.errors import StoreError

HELD = (HoldState.PENDING, HoldState.FINAL)
Record = Row[Any]


def list_holds(
    connection: Connection, *, state: HoldState | None = None, rule: str = "", limit: int = 100
) -> list[Record]:
    """Held copies, newest first; all that are still held unless a state is named, of one row of the policy if named."""
    wanted = hold.c.state == state if state else hold.c.state.in_((*HELD, HoldState.RELEASING))
    if rule:
        wanted &= hold.c.rule == rule
    return list(connection.execute(select(hold).where(wanted).order_by(hold.c.created_at.desc()).limit(limit)))


def get_hold(connection: Connection, hold_id: str) -> Record:
    """One held copy, by its id or the beginning of it.

    Raises:
        StoreError: none or several match.
    """
    rows = list(connection.execute(select(hold).where(hold.c.id.startswith(hold_id, autoescape=True)).limit(2)))
    if len(rows) != 1:
        raise StoreError(f"quarantine: {'several entries begin' if rows else 'no entry begins'} with {hold_id!r}")
    return rows[0]


def release(connection: Connection, hold_id: str, *, source: str = "administrator") -> str:
    """Enter a held copy into the outbox and note that it was wanted. Returns the hold's full id.

    Raises:
        StoreError: it is not held any more.
    """
    row = send_later(connection, hold_id)
    _note(connection, row, "ham", source)
    return str(row.id)


def send_later(connection: Connection, hold_id: str) -> Record:
    """Enter a held copy into the outbox.

    Raises:
        StoreError: it is not held any more.
    """
    row = get_hold(connection, hold_id)
    now = time.time()
    _move(connection, row, HoldState.RELEASING)
    task = {"id": uuid4().hex[:16], "hold_id": row.id, "recipient": row.recipient}
    connection.execute(outbox.insert().values(**task, state=TaskState.READY, attempts=0, next_at=now, created_at=now))
    return row


def remove(connection: Connection, hold_id: str, *, source: str = "administrator") -> str:
    """Mark a held copy as deleted; its blob goes with the next clean-up. Returns the hold's full id.

    Raises:
        StoreError: it is not held any more.
    """
    row = get_hold(connection, hold_id)
    _move(connection, row, HoldState.DELETED)
    return str(row.id)


def _move(connection: Connection, row: Record, state: HoldState) -> None:
    mine = (hold.c.id == row.id) & hold.c.state.in_(HELD)
    moved = connection.execute(update(hold).where(mine).values(state=state, changed_at=time.time()))
    if moved.rowcount != 1:
        raise StoreError(f"quarantine: {row.id} is {row.state}, not held")


def _note(connection: Connection, row: Record, label: str, source: str) -> None:
    connection.execute(
        feedback.insert().values(
            id=uuid4().hex[:16],
            queue_id=row.queue_id,
            hold_id=row.id,
            recipient=row.recipient,
            sha256=row.sha256,
            label=label,
            source=source,
            created_at=time.time(),
        )
    )


def expire(connection: Connection, *, trace_before: float, holds_before: float) -> None:
    """Forget trace rows and held copies that are older than these times."""
    connection.execute(delete(trace).where(trace.c.received_at < trace_before))
    old = (hold.c.created_at < holds_before) & (hold.c.state != HoldState.RELEASING)
    connection.execute(delete(outbox).where(outbox.c.hold_id.in_(select(hold.c.id).where(old))))
    connection.execute(delete(hold).where(old))


def blobs_in_use(connection: Connection) -> set[str]:
    """Digests that a held copy, or a message without its verdict, still needs."""
    keeps = (*HELD, HoldState.RELEASING)
    held = connection.scalars(select(hold.c.sha256).where(hold.c.state.in_(keeps)).distinct())
    return {*held, *connection.scalars(select(unscored.c.sha256))}
