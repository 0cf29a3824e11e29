"""Greylisting."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "greylist",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("first_at", sa.Float, nullable=False),
        sa.Column("seen_at", sa.Float, nullable=False),
        sa.Column("passed", sa.Boolean, nullable=False),
    )
    op.create_index("ix_greylist_seen_at", "greylist", ["seen_at"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("greylist")
