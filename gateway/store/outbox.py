"""The outbox: work that survives a restart. A worker leases an entry; a lease that ran out is free again."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import Connection, or_, select, update

from gateway.store.tables import HoldState, TaskState, hold, outbox

FIRST_PAUSE = 30.0
LONGEST_PAUSE = 3600.0


@dataclass(frozen=True, slots=True)
class Task:
    """One release: what to send, to whom."""

    id: str
    hold_id: str
    recipient: str
    reverse_path: str
    direction: str
    sha256: str
    headers: bytes
    attempts: int


def lease(connection: Connection, owner: str, seconds: float) -> Task | None:
    """Take the entry that is due longest, `None` where there is none."""
    now = time.time()
    free = or_(outbox.c.lease_until.is_(None), outbox.c.lease_until < now)
    due = select(outbox.c.id).where(outbox.c.state == TaskState.READY, outbox.c.next_at <= now, free)
    task_id = connection.scalar(due.order_by(outbox.c.next_at).limit(1).with_for_update(skip_locked=True))
    if task_id is None:
        return None
    values = {"lease_owner": owner, "lease_until": now + seconds, "attempts": outbox.c.attempts + 1}
    connection.execute(update(outbox).where(outbox.c.id == task_id).values(**values))
    query = select(outbox, hold).join(hold, hold.c.id == outbox.c.hold_id).where(outbox.c.id == task_id)
    row = connection.execute(query).mappings().one()
    return Task(
        id=str(task_id),
        hold_id=row[outbox.c.hold_id],
        recipient=row[outbox.c.recipient],
        reverse_path=row[hold.c.reverse_path] or "",
        direction=row[hold.c.direction],
        sha256=row[hold.c.sha256],
        headers=row[hold.c.headers],
        attempts=row[outbox.c.attempts],
    )


def done(connection: Connection, task: Task) -> None:
    """Downstream took it."""
    _settle(connection, task, TaskState.DONE, HoldState.RELEASED, None)


def failed(connection: Connection, task: Task, error: str) -> None:
    """Give up: the message goes back to the quarantine, where an administrator sees it."""
    _settle(connection, task, TaskState.FAILED, HoldState.FINAL, error)


def retry(connection: Connection, task: Task, error: str) -> None:
    """Try again later; the pause doubles from 30 seconds to an hour."""
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(20, task.attempts - 1))
    values = {"next_at": time.time() + pause, "lease_owner": None, "lease_until": None, "last_error": error}
    connection.execute(update(outbox).where(outbox.c.id == task.id).values(**values))


def _settle(connection: Connection, task: Task, state: TaskState, held: HoldState, error: str | None) -> None:
    values = {"state": state, "lease_owner": None, "lease_until": None, "last_error": error}
    connection.execute(update(outbox).where(outbox.c.id == task.id).values(**values))
    connection.execute(update(hold).where(hold.c.id == task.hold_id).values(state=held, changed_at=time.time()))
