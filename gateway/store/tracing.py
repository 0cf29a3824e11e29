"""Reads of the message trace, and its repair after a crash."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Connection, Row, select, update

from gateway.store.tables import Outcome, trace

Record = Row[Any]


def list_trace(
    connection: Connection,
    *,
    recipient: str | None = None,
    sender: str | None = None,
    outcome: str | None = None,
    limit: int = 50,
) -> list[Record]:
    """Rows, newest first; `recipient` and `sender` match any part of the address."""
    query = select(trace).order_by(trace.c.received_at.desc()).limit(limit)
    if recipient:
        query = query.where(trace.c.recipient.contains(recipient, autoescape=True))
    if sender:
        query = query.where(trace.c.reverse_path.contains(sender, autoescape=True))
    if outcome:
        query = query.where(trace.c.outcome == outcome)
    return list(connection.execute(query))


def get_trace(connection: Connection, queue_id: str) -> list[Record]:
    """Every recipient's row of one message."""
    return list(connection.execute(select(trace).where(trace.c.queue_id == queue_id).order_by(trace.c.recipient)))


def settle(connection: Connection, instance: str) -> int:
    """Rows that this instance left `PENDING` when it died become `UNKNOWN`. Returns how many.

    The sender was not answered 250 for any of them.
    """
    left = (trace.c.instance == instance) & (trace.c.outcome == Outcome.PENDING)
    values = {"outcome": Outcome.UNKNOWN, "finished_at": time.time(), "reply": "the gateway stopped"}
    return connection.execute(update(trace).where(left).values(**values)).rowcount
