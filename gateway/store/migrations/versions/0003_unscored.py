"""Messages that were delivered without a verdict, and the verdict that came late."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "unscored",
        sa.Column("queue_id", sa.String(32), primary_key=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("envelope", sa.JSON, nullable=False),
        sa.Column("authentication", sa.JSON, nullable=False),
        sa.Column("next_at", sa.Float, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
    )
    op.create_index("ix_unscored_next_at", "unscored", ["next_at"])
    op.add_column("trace", sa.Column("late", sa.JSON))


def downgrade() -> None:
    """Undo."""
    op.drop_column("trace", "late")
    op.drop_table("unscored")
