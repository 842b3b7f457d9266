"""An index of the files without their copies.

Revision: 0014, after 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_WHERE = sa.text("coalesce(duplicate_reason, '') <> 'same_file'")


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "ix_jobs_first_file",
        "jobs",
        ["tenant", "sha256"],
        sqlite_where=_WHERE,
        postgresql_where=_WHERE,
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_index("ix_jobs_first_file", "jobs")
