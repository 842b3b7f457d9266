"""Webhooks, and what is delivered to them.

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op

from service.store.tables import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables, empty."""
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("tenant", sa.String(32), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("by_upload", sa.Boolean, nullable=False),
        sa.Column("events", sa.JSON, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("secret_before", sa.Text),
        sa.Column("secret_before_until", UtcDateTime),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("failing_since", UtcDateTime),
        sa.Column("rests_until", UtcDateTime),
        sa.Column("disabled_at", UtcDateTime),
        sa.Column("disabled_reason", sa.String(16)),
        sa.Column("served_at", UtcDateTime),
        sa.Column("created_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_webhooks_tenant", "webhooks", ["tenant", "created_at"])
    op.create_table(
        "deliveries",
        sa.Column("webhook", sa.String(32), primary_key=True),
        sa.Column("event", sa.String(36), primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("job", sa.String(32)),
        sa.Column("url", sa.Text),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("not_before", UtcDateTime, nullable=False),
        sa.Column("token", sa.String(32)),
        sa.Column("attempted_at", UtcDateTime),
        sa.Column("status", sa.Integer),
        sa.Column("error", sa.String(32)),
        sa.Column("created_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_deliveries_due", "deliveries", ["state", "not_before"])
    op.create_index("ix_deliveries_turn", "deliveries", ["webhook", "state", "not_before"])
    held = sa.text("token IS NOT NULL")
    op.create_index(
        "ix_deliveries_held",
        "deliveries",
        ["webhook", "not_before"],
        sqlite_where=held,
        postgresql_where=held,
    )
    op.create_index("ix_deliveries_job", "deliveries", ["job"])


def downgrade() -> None:
    """Remove both tables: nothing that waits is sent any more."""
    op.drop_table("deliveries")
    op.drop_table("webhooks")
