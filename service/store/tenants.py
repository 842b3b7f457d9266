"""The row of a tenant: what it keeps, when it was served last."""

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from service.store.tables import tenants


def make_tenant(connection: Connection, tenant: str) -> None:
    """Make a tenant's row, where it is not there."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(insert(tenants).values(id=tenant, stored=0).on_conflict_do_nothing())
