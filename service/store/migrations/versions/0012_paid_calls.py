"""How many calls that may have been billed a job has made, in place of how often it was not answered.

Revision: 0012, after 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; jobs that wait begin to count anew."""
    op.create_table(
        "paid_calls",
        sa.Column("job", sa.String(32), primary_key=True),
        sa.Column("calls", sa.Integer, nullable=False),
    )
    op.drop_column("jobs", "retries")


def downgrade() -> None:
    """Remove it, and count from nothing what was not answered."""
    op.add_column("jobs", sa.Column("retries", sa.Integer, nullable=False, server_default="0"))
    op.drop_table("paid_calls")
