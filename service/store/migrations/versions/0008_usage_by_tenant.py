"""What models took, by tenant.

Revision: 0008, after 0007
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

COUNTED = ("calls", "tokens", "cost", "unpriced", "cached")


def upgrade() -> None:
    """Count what was used so far for the tenant of open mode."""
    _make_anew("tenant", ["tenant", "day", "model"], "'default', day, model", "")


def downgrade() -> None:
    """Count what all tenants used together again, and forget what keys spent."""
    _make_anew(None, ["day", "model"], "day, model", " GROUP BY day, model")
    op.execute("DELETE FROM accounts WHERE id != 'service'")
    op.execute("DELETE FROM reservations WHERE account != 'service'")


def _make_anew(tenant: str | None, key: list[str], values: str, grouped: str) -> None:
    """Make the table of use with another primary key, and fill it from the old one."""
    columns: list[sa.Column[Any]] = [
        *([sa.Column(tenant, sa.String(32), primary_key=True)] if tenant else []),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("model", sa.String(200), primary_key=True),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in COUNTED),
    ]
    op.rename_table("usage", "usage_before")
    op.create_table("usage", *columns)
    sums = ", ".join(f"SUM({name})" if grouped else name for name in COUNTED)
    op.execute(
        f"INSERT INTO usage ({', '.join((*key, *COUNTED))}) "  # noqa: S608  # our own names
        f"SELECT {values}, {sums} FROM usage_before{grouped}"
    )
    op.drop_table("usage_before")
