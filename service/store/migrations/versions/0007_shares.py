"""What each tenant keeps and when it was served, and requests that are carried out once.

Revision: 0007, after 0006
"""

import sqlalchemy as sa
from alembic import op

from service.store.tables import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, with a row for each tenant that there is."""
    op.create_table(
        "tenants",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("stored", sa.BigInteger, nullable=False),
        sa.Column("served_at", UtcDateTime),
    )
    # a job that failed before it was begun was refused at the door, and its file is not kept
    op.execute(
        "INSERT INTO tenants (id, stored) "
        "SELECT tenant, SUM(CASE WHEN deleted_at IS NULL "
        "AND NOT (status = 'FAILURE' AND attempts = 0) THEN size ELSE 0 END) "
        "FROM jobs GROUP BY tenant"
    )
    op.create_index("ix_jobs_turn", "jobs", ["tenant", "status", "lane", "not_before"])
    op.create_table(
        "idempotency",
        sa.Column("owner", sa.String(64), primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("token", sa.String(32)),
        sa.Column("until", UtcDateTime, nullable=False),
        sa.Column("fingerprint", sa.String(64)),
        sa.Column("jobs", sa.JSON),
        sa.Column("created_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_idempotency_age", "idempotency", ["created_at"])


def downgrade() -> None:
    """Remove the tables: jobs are taken in their order again, whoever sent them."""
    op.drop_index("ix_jobs_turn", "jobs")
    op.drop_table("idempotency")
    op.drop_table("tenants")
