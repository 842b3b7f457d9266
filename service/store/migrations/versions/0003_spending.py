"""What models cost, and their answers that are kept.

Revision: 0003, after 0002
"""

from datetime import date

import sqlalchemy as sa
from alembic import op

from service.store.tables import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and the account of the service."""
    accounts = op.create_table(
        "accounts",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("day_held", sa.BigInteger, nullable=False),
        sa.Column("day_spent", sa.BigInteger, nullable=False),
        sa.Column("total_held", sa.BigInteger, nullable=False),
        sa.Column("total_spent", sa.BigInteger, nullable=False),
    )
    zero = dict.fromkeys(("day_held", "day_spent", "total_held", "total_spent"), 0)
    op.bulk_insert(accounts, [{"id": "service", "day": date(1970, 1, 1)} | zero])
    op.create_table(
        "reservations",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("account", sa.String(32), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_reservations_expiry", "reservations", ["expires_at"])
    op.create_table(
        "usage",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("model", sa.String(200), primary_key=True),
        sa.Column("calls", sa.BigInteger, nullable=False),
        sa.Column("tokens", sa.BigInteger, nullable=False),
        sa.Column("cost", sa.BigInteger, nullable=False),
        sa.Column("unpriced", sa.BigInteger, nullable=False),
        sa.Column("cached", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "answers",
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("job", sa.String(32), nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("kept_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_answers_job", "answers", ["job"])
    op.create_index("ix_answers_kept", "answers", ["kept_at", "size"])


def downgrade() -> None:
    """Remove the tables and all that is in them."""
    for name in ("answers", "usage", "reservations", "accounts"):
        op.drop_table(name)
