"""Messages that were delivered without a verdict wait here until the model can be asked."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, delete, select, update

from gateway.store.records import Facts
from gateway.store.tables import trace, unscored
from seg_ml.domain.envelope import AuthenticationResults, Envelope

PAUSE = 60.0
DAYS = 7.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """One message, with all that the model is told of it."""

    queue_id: str
    sha256: str
    envelope: Envelope
    authentication: AuthenticationResults


def add(connection: Connection, facts: Facts) -> None:
    """Note a message; its blob must be there."""
    now = time.time()
    envelope, authentication = asdict(facts.envelope), asdict(facts.authentication)
    row = {"queue_id": facts.queue_id, "sha256": facts.sha256, "envelope": envelope, "authentication": authentication}
    connection.execute(unscored.insert().values(**row, next_at=now, created_at=now))


def take(connection: Connection) -> Waiting | None:
    """The message that waits longest; nobody else gets it for a minute."""
    now = time.time()
    query = select(unscored).where(unscored.c.next_at <= now).order_by(unscored.c.next_at).limit(1)
    row = connection.execute(query.with_for_update(skip_locked=True)).first()
    if row is None:
        return None
    mine = unscored.c.queue_id == row.queue_id
    connection.execute(update(unscored).where(mine).values(next_at=now + PAUSE))
    return Waiting(row.queue_id, row.sha256, _envelope(row.envelope), _authentication(row.authentication))


def settle(connection: Connection, queue_id: str, late: Mapping[str, Any]) -> None:
    """Write the late verdict into the trace and forget the message."""
    connection.execute(update(trace).where(trace.c.queue_id == queue_id).values(late=dict(late)))
    connection.execute(delete(unscored).where(unscored.c.queue_id == queue_id))


def expire(connection: Connection) -> None:
    """Forget what nobody could score for a week."""
    connection.execute(delete(unscored).where(unscored.c.created_at < time.time() - DAYS * 86_400))


def _envelope(data: dict[str, Any]) -> Envelope:
    return Envelope(**{**data, "forward_paths": tuple(data["forward_paths"])})


def _authentication(data: dict[str, Any]) -> AuthenticationResults:
    return AuthenticationResults(**{**data, "dkim_domains": tuple(data["dkim_domains"])})
