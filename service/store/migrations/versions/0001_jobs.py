"""The tables of jobs and workers.

Revision: 0001, the first
"""

import sqlalchemy as sa
from alembic import op

from service.store.tables import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("filename", sa.Text, nullable=False),
        sa.Column("media_type", sa.String(100)),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64)),
        sa.Column("request_id", sa.String(64)),
        sa.Column("reference", sa.Text),
        sa.Column("options", sa.JSON, nullable=False),
        sa.Column("details", sa.JSON),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("not_before", UtcDateTime, nullable=False),
        sa.Column("announced_at", UtcDateTime),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("retries", sa.Integer, nullable=False),
        sa.Column("losses", sa.Integer, nullable=False),
        sa.Column("worker", sa.String(32)),
        sa.Column("lease_token", sa.String(32)),
        sa.Column("lease_until", UtcDateTime),
        sa.Column("progress", sa.JSON),
        sa.Column("extraction", sa.Text),
        sa.Column("needs_review", sa.Boolean),
        sa.Column("error", sa.JSON),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("started_at", UtcDateTime),
        sa.Column("finished_at", UtcDateTime),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.Column("deleted_at", UtcDateTime),
    )
    op.create_index("ix_jobs_newest", "jobs", ["created_at", "id"])
    op.create_index("ix_jobs_queue", "jobs", ["status", "not_before"])
    op.create_index("ix_jobs_lease", "jobs", ["status", "lease_until"])
    op.create_table(
        "workers",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("started_at", UtcDateTime, nullable=False),
        sa.Column("seen_at", UtcDateTime, nullable=False),
    )


def downgrade() -> None:
    """Remove the tables and all that is in them."""
    op.drop_table("workers")
    op.drop_table("jobs")
