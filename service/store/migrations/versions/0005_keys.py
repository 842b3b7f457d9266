"""Keys.

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

from service.store.tables import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; without a row in it the service is in open mode."""
    op.create_table(
        "keys",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("tenant", sa.String(32), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("scopes", sa.String(32), nullable=False),
        sa.Column("rate", sa.Integer),
        sa.Column("budget_day", sa.BigInteger),
        sa.Column("budget_total", sa.BigInteger),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime),
        sa.Column("revoked_at", UtcDateTime),
        sa.Column("last_used_at", UtcDateTime),
    )
    op.create_index("ix_keys_tenant", "keys", ["tenant", "created_at"])


def downgrade() -> None:
    """Remove the keys: the service is in open mode then."""
    op.drop_table("keys")
