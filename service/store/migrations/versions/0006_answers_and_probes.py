"""An answer of a model for each job that asked, and what models say of themselves.

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op

from service.store.tables import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables. Answers that were kept are forgotten: whether their jobs paid is not known."""
    _make_answers(sa.Column("job", sa.String(32), primary_key=True))
    op.create_table(
        "probes",
        sa.Column("model", sa.String(200), primary_key=True),
        sa.Column("ready", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.Column("checked_at", UtcDateTime, nullable=False),
    )


def downgrade() -> None:
    """Go back to one answer for all jobs that ask the same."""
    op.drop_table("probes")
    _make_answers(sa.Column("job", sa.String(32), nullable=False))


def _make_answers(job: "sa.Column[str]") -> None:
    op.drop_table("answers")
    op.create_table(
        "answers",
        sa.Column("key", sa.String(200), primary_key=True),
        job,
        sa.Column("answer", sa.LargeBinary, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("kept_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_answers_job", "answers", ["job"])
    op.create_index("ix_answers_kept", "answers", ["kept_at", "size"])
