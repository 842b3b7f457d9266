"""What stood in a document before it was read again.

Revision: 0015, after 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; what was replaced before is gone."""
    op.create_table(
        "earlier_readings",
        sa.Column("job", sa.String(32), primary_key=True),
        sa.Column("extraction", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_table("earlier_readings")
