"""An index for the list of duplicates, which are few among many.

Revision: 0013, after 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_WHERE = sa.text("duplicate_of IS NOT NULL AND deleted_at IS NULL")


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "ix_jobs_duplicate",
        "jobs",
        ["tenant", "created_at", "id"],
        sqlite_where=_WHERE,
        postgresql_where=_WHERE,
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_index("ix_jobs_duplicate", "jobs")
