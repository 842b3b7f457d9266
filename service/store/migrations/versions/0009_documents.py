"""What documents are found by, and what people do with them.

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op

from service.store.tables import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

LISTS = {
    "newest": ["tenant", "created_at", "id"],
    "state": ["tenant", "status", "created_at", "id"],
    "review": ["tenant", "needs_review", "created_at", "id"],
    "reference": ["tenant", "reference", "created_at", "id"],
}
KEPT = sa.text("deleted_at IS NULL")


def upgrade() -> None:
    """Make them; documents that were read before are found once they are read again."""
    op.drop_index("ix_jobs_newest", "jobs")
    for name, columns in LISTS.items():
        op.create_index(
            f"ix_jobs_{name}", "jobs", columns, sqlite_where=KEPT, postgresql_where=KEPT
        )
    op.add_column("jobs", sa.Column("as_read", sa.Text))
    op.add_column("jobs", sa.Column("decision", sa.String(9)))
    op.create_table(
        "history",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("job", sa.String(32), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("key_id", sa.String(16)),
        sa.Column("invoice", sa.Integer),
        sa.Column("change", sa.JSON),
    )
    op.create_index("ix_history_job", "history", ["job", "id"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE search USING fts5(job UNINDEXED, facts, number, seller, other, text, "
            "tokenize = 'unicode61 remove_diacritics 0', prefix = '2 3')"
        )
        op.create_table("search_removed", sa.Column("id", sa.BigInteger, primary_key=True))
        op.execute("CREATE TABLE search_words (word TEXT PRIMARY KEY) WITHOUT ROWID")
        op.execute("CREATE VIRTUAL TABLE search_vocab USING fts5vocab(search, row)")
    else:
        op.execute("CREATE TABLE search (job VARCHAR(32) PRIMARY KEY, words TSVECTOR NOT NULL)")
        op.execute("CREATE INDEX ix_search_words ON search USING gin (words)")


def downgrade() -> None:
    """Remove them: what people changed stays, as if it had been read so."""
    if op.get_bind().dialect.name == "sqlite":
        for name in ("search_vocab", "search_words", "search_removed"):
            op.drop_table(name)
    op.drop_table("search")
    op.drop_table("history")
    for name in LISTS:
        op.drop_index(f"ix_jobs_{name}", "jobs")
    op.create_index("ix_jobs_newest", "jobs", ["tenant", "created_at", "id"])
    op.drop_column("jobs", "decision")
    op.drop_column("jobs", "as_read")
