"""MTA-STS policies of other domains."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "sts_policy",
        sa.Column("domain", sa.String(255), primary_key=True),
        sa.Column("policy_id", sa.String(32), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("expires_at", sa.Float, nullable=False),
    )
    op.create_index("ix_sts_policy_expires_at", "sts_policy", ["expires_at"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("sts_policy")
