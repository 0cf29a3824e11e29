"""The tables. Times are seconds since the epoch, UTC; JSON columns hold what only people read."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import JSON, Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, String, Table, Text, text

metadata = MetaData()


class Outcome(StrEnum):
    """What became of one recipient's copy; all but `PENDING` are final.

    `UNKNOWN`: downstream was given the message and never said whether it took it, or the gateway
    stopped in between; the sender was not answered 250 and tries again.
    """

    PENDING = "pending"
    DELIVERED = "delivered"
    QUARANTINED = "quarantined"
    REJECTED = "rejected"
    DEFERRED = "deferred"
    ABORTED = "aborted"
    UNKNOWN = "unknown"


class HoldState(StrEnum):
    """Life of a held copy. `PENDING` until the transaction is answered, `FINAL` while it is held."""

    PENDING = "pending"
    FINAL = "final"
    RELEASING = "releasing"
    RELEASED = "released"
    DELETED = "deleted"
    WITHDRAWN = "withdrawn"


class TaskState(StrEnum):
    """Life of an outbox entry."""

    READY = "ready"
    DONE = "done"
    FAILED = "failed"


trace = Table(
    "trace",
    metadata,
    Column("queue_id", String(32), primary_key=True),
    Column("recipient", String(320), primary_key=True),
    Column("instance", String(255), nullable=False),
    Column("received_at", Float, nullable=False, index=True),
    Column("finished_at", Float),
    Column("outcome", String(16), nullable=False),
    Column("direction", String(16), nullable=False),
    Column("client_ip", String(64)),
    Column("helo", String(255)),
    Column("reverse_path", String(320)),
    Column("authenticated_as", String(320)),
    Column("tls", Boolean, nullable=False, default=False),
    Column("message_id_hash", String(64)),
    Column("sha256", String(64)),
    Column("size", Integer, nullable=False, default=0),
    Column("disposition", String(16), nullable=False),
    Column("rule", String(64), nullable=False),
    Column("label", String(16)),
    Column("threat_probability", Float),
    Column("model_version", String(255)),
    Column("unscannable", String(64)),
    Column("findings", JSON),
    Column("authentication", JSON),
    Column("reply", Text),
    Column("hold_id", String(32)),
    Column("milliseconds", JSON),
    Column("late", JSON),
    Index("trace_pending", "instance", "outcome"),
)

hold = Table(
    "hold",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("key", String(64), nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("queue_id", String(32), nullable=False, index=True),
    Column("recipient", String(320), nullable=False),
    Column("direction", String(16), nullable=False),
    Column("reverse_path", String(320)),
    Column("client_ip", String(64)),
    Column("sha256", String(64), nullable=False, index=True),
    Column("size", Integer, nullable=False),
    Column("headers", LargeBinary, nullable=False),
    Column("rule", String(64), nullable=False),
    Column("label", String(16)),
    Column("model_version", String(255)),
    Column("findings", JSON),
    Column("created_at", Float, nullable=False, index=True),
    Column("changed_at", Float, nullable=False),
)
_LIVE = text("state IN ('pending', 'final')")
Index("hold_live_key", hold.c.key, unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE)

outbox = Table(
    "outbox",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("hold_id", String(32), nullable=False, index=True),
    Column("recipient", String(320), nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_at", Float, nullable=False),
    Column("lease_owner", String(255)),
    Column("lease_until", Float),
    Column("last_error", Text),
    Column("created_at", Float, nullable=False),
    Index("outbox_due", "state", "next_at"),
)

unscored = Table(
    "unscored",
    metadata,
    Column("queue_id", String(32), primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("envelope", JSON, nullable=False),
    Column("authentication", JSON, nullable=False),
    Column("next_at", Float, nullable=False, index=True),
    Column("created_at", Float, nullable=False),
)

greylist = Table(
    "greylist",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("first_at", Float, nullable=False),
    Column("seen_at", Float, nullable=False, index=True),
    Column("passed", Boolean, nullable=False),
)

sts_policy = Table(
    "sts_policy",
    metadata,
    Column("domain", String(255), primary_key=True),
    Column("policy_id", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("expires_at", Float, nullable=False, index=True),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("queue_id", String(32), index=True),
    Column("hold_id", String(32)),
    Column("recipient", String(320)),
    Column("sha256", String(64)),
    Column("label", String(16), nullable=False),
    Column("source", String(64), nullable=False),
    Column("note", Text),
    Column("created_at", Float, nullable=False),
)
