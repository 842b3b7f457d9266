"""What the list of documents is sorted by.

Revision: 0016, after 0015
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from service.store import order
from service.store.tables import SORTED_TEXT

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

COLUMNS: dict[str, Any] = {"issue_date": sa.Date, "seller": SORTED_TEXT, "total": sa.Double}
INDEXES = {"date": "issue_date", "seller": "seller", "total": "total"}
KEPT = sa.text("deleted_at IS NULL")

_AT_ONCE = 500


def upgrade() -> None:
    """Add the columns, and fill them for what was read before."""
    for name, kind in COLUMNS.items():
        op.add_column("jobs", sa.Column(name, kind))
    _fill(op.get_bind())
    for name, column in INDEXES.items():
        columns = ["tenant", column, "created_at", "id"]
        op.create_index(
            f"ix_jobs_{name}", "jobs", columns, sqlite_where=KEPT, postgresql_where=KEPT
        )


def _fill(connection: sa.Connection) -> None:
    columns: list[Any] = [sa.column(name, kind) for name, kind in COLUMNS.items()]
    jobs = sa.table("jobs", sa.column("id"), sa.column("extraction"), *columns)
    read = sa.select(jobs.c.id, jobs.c.extraction).where(jobs.c.extraction.is_not(None))
    read = read.order_by(jobs.c.id).limit(_AT_ONCE)
    found: dict[str, Any] = {column.name: sa.bindparam(f"new_{column.name}") for column in columns}
    fill = sa.update(jobs).where(jobs.c.id == sa.bindparam("job")).values(found)
    last = ""
    while rows := connection.execute(read.where(jobs.c.id > last)).all():
        keys = [(row.id, order.keys(row.extraction)) for row in rows]
        values = [{f"new_{name}": key[name] for name in key} | {"job": job} for job, key in keys]
        connection.execute(fill, values)
        last = rows[-1].id


def downgrade() -> None:
    """Remove them."""
    for name in INDEXES:
        op.drop_index(f"ix_jobs_{name}", "jobs")
    for name in COLUMNS:
        op.drop_column("jobs", name)
