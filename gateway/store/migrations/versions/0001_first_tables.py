"""Trace, quarantine, outbox, feedback."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

LIVE = sa.text("state IN ('pending', 'final')")


def upgrade() -> None:
    """Apply."""
    _trace()
    _hold()
    _outbox()
    _feedback()


def downgrade() -> None:
    """Undo."""
    for table in ("feedback", "outbox", "hold", "trace"):
        op.drop_table(table)


def _trace() -> None:
    op.create_table(
        "trace",
        sa.Column("queue_id", sa.String(32), primary_key=True),
        sa.Column("recipient", sa.String(320), primary_key=True),
        sa.Column("instance", sa.String(255), nullable=False),
        sa.Column("received_at", sa.Float, nullable=False),
        sa.Column("finished_at", sa.Float),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("direction", sa.String(16), nullable=False),
        sa.Column("client_ip", sa.String(64)),
        sa.Column("helo", sa.String(255)),
        sa.Column("reverse_path", sa.String(320)),
        sa.Column("authenticated_as", sa.String(320)),
        sa.Column("tls", sa.Boolean, nullable=False),
        sa.Column("message_id_hash", sa.String(64)),
        sa.Column("sha256", sa.String(64)),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("disposition", sa.String(16), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("label", sa.String(16)),
        sa.Column("threat_probability", sa.Float),
        sa.Column("model_version", sa.String(255)),
        sa.Column("unscannable", sa.String(64)),
        sa.Column("findings", sa.JSON),
        sa.Column("authentication", sa.JSON),
        sa.Column("reply", sa.Text),
        sa.Column("hold_id", sa.String(32)),
        sa.Column("milliseconds", sa.JSON),
    )
    op.create_index("ix_trace_received_at", "trace", ["received_at"])
    op.create_index("trace_pending", "trace", ["instance", "outcome"])


def _hold() -> None:
    op.create_table(
        "hold",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("queue_id", sa.String(32), nullable=False),
        sa.Column("recipient", sa.String(320), nullable=False),
        sa.Column("direction", sa.String(16), nullable=False),
        sa.Column("reverse_path", sa.String(320)),
        sa.Column("client_ip", sa.String(64)),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("headers", sa.LargeBinary, nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("label", sa.String(16)),
        sa.Column("model_version", sa.String(255)),
        sa.Column("findings", sa.JSON),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("changed_at", sa.Float, nullable=False),
    )
    op.create_index("ix_hold_state", "hold", ["state"])
    op.create_index("ix_hold_queue_id", "hold", ["queue_id"])
    op.create_index("ix_hold_sha256", "hold", ["sha256"])
    op.create_index("ix_hold_created_at", "hold", ["created_at"])
    op.create_index("hold_live_key", "hold", ["key"], unique=True, sqlite_where=LIVE, postgresql_where=LIVE)


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("hold_id", sa.String(32), nullable=False),
        sa.Column("recipient", sa.String(320), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", sa.Float, nullable=False),
        sa.Column("lease_owner", sa.String(255)),
        sa.Column("lease_until", sa.Float),
        sa.Column("last_error", sa.Text),
        sa.Column("created_at", sa.Float, nullable=False),
    )
    op.create_index("ix_outbox_hold_id", "outbox", ["hold_id"])
    op.create_index("outbox_due", "outbox", ["state", "next_at"])


def _feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("queue_id", sa.String(32)),
        sa.Column("hold_id", sa.String(32)),
        sa.Column("recipient", sa.String(320)),
        sa.Column("sha256", sa.String(64)),
        sa.Column("label", sa.String(16), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("created_at", sa.Float, nullable=False),
    )
    op.create_index("ix_feedback_queue_id", "feedback", ["queue_id"])
