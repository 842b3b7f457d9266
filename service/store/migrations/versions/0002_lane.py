"""The lane of a job: whether it waits for OCR.

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Put every job into the lane in which all begin."""
    op.add_column("jobs", sa.Column("lane", sa.String(8), nullable=False, server_default="fast"))
    op.drop_index("ix_jobs_queue", "jobs")
    op.create_index("ix_jobs_queue", "jobs", ["status", "lane", "not_before"])


def downgrade() -> None:
    """Forget the lanes; a job that was handed over waits as any other."""
    op.execute("UPDATE jobs SET status = 'RETRY' WHERE status = 'STARTED' AND lease_token IS NULL")
    op.drop_index("ix_jobs_queue", "jobs")
    op.create_index("ix_jobs_queue", "jobs", ["status", "not_before"])
    with op.batch_alter_table("jobs") as batch:
        batch.drop_column("lane")
