"""Batches, duplicates, sellers' accounts, and when a document is deleted.

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op

from service.store.tables import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_jobs_changed": ["tenant", "updated_at", "id"],
    "ix_jobs_batch": ["batch", "tenant"],
    "ix_jobs_file": ["tenant", "sha256"],
    "ix_jobs_expiry": ["expires_at"],
}


def upgrade() -> None:
    """Add what new documents are compared by; those that are there belong to no batch."""
    op.add_column("jobs", sa.Column("batch", sa.String(32)))
    op.add_column("jobs", sa.Column("duplicate_of", sa.String(32)))
    op.add_column("jobs", sa.Column("duplicate_reason", sa.String(16)))
    op.add_column("jobs", sa.Column("expires_at", UtcDateTime))
    for name, columns in INDEXES.items():
        op.create_index(name, "jobs", columns)
    op.create_table(
        "identities",
        sa.Column("tenant", sa.String(32), primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("job", sa.String(32), primary_key=True),
    )
    op.create_index("ix_identities_job", "identities", ["job"])
    op.create_table(
        "seller_accounts",
        sa.Column("tenant", sa.String(32), primary_key=True),
        sa.Column("seller", sa.String(64), primary_key=True),
        sa.Column("account", sa.String(64), primary_key=True),
        sa.Column("job", sa.String(32), primary_key=True),
    )
    op.create_index("ix_seller_accounts_job", "seller_accounts", ["job"])


def downgrade() -> None:
    """Forget them."""
    op.drop_table("seller_accounts")
    op.drop_table("identities")
    for name in INDEXES:
        op.drop_index(name, "jobs")
    for name in ("expires_at", "duplicate_reason", "duplicate_of", "batch"):
        op.drop_column("jobs", name)
