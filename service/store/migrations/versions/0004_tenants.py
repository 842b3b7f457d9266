"""Whose a job is.

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give every job to the tenant of open mode, in which it was sent."""
    op.add_column(
        "jobs", sa.Column("tenant", sa.String(32), nullable=False, server_default="default")
    )
    op.add_column("jobs", sa.Column("key_id", sa.String(16)))
    op.drop_index("ix_jobs_newest", "jobs")
    op.create_index("ix_jobs_newest", "jobs", ["tenant", "created_at", "id"])


def downgrade() -> None:
    """Remove what others than the tenant of open mode sent: nobody could tell it apart any more."""
    op.execute("DELETE FROM jobs WHERE tenant != 'default'")
    op.drop_index("ix_jobs_newest", "jobs")
    op.create_index("ix_jobs_newest", "jobs", ["created_at", "id"])
    with op.batch_alter_table("jobs") as batch:
        batch.drop_column("key_id")
        batch.drop_column("tenant")
