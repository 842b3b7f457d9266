"""Keys in SQLite or PostgreSQL."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Row, insert, or_, select, update

from service.keys import SCOPES, Key
from service.store.ledger import dollars, open_account, units
from service.store.tables import keys
from service.store.tenants import make_tenant
from service.store.transactions import Transactions, count


class SqlKeyStore(Transactions):
    """See `KeyStore`."""

    def add(self, key: Key) -> None:
        """See `KeyStore.add`."""
        values = {name: getattr(key, name) for name in _SAME}
        values["scopes"] = ",".join(scope for scope in SCOPES if scope in key.scopes)
        for name in _MONEY:
            money = getattr(key, name)
            values[name] = None if money is None else units(money)
        with self._write() as connection:
            connection.execute(insert(keys).values(values))
            make_tenant(connection, key.tenant)
            if key.budget_day is not None or key.budget_total is not None:
                open_account(connection, key.id)

    def find(self, key_id: str) -> Key | None:
        """See `KeyStore.find`."""
        with self._read() as connection:
            row = connection.execute(select(keys).where(keys.c.id == key_id)).one_or_none()
        return None if row is None else _key(row)

    def listed(self, tenant: str | None) -> list[Key]:
        """See `KeyStore.listed`."""
        query = select(keys).order_by(keys.c.created_at.desc(), keys.c.id)
        if tenant is not None:
            query = query.where(keys.c.tenant == tenant)
        with self._read() as connection:
            return [_key(row) for row in connection.execute(query)]

    def revoke(self, tenant: str | None, key_id: str) -> bool:
        """See `KeyStore.revoke`."""
        change = update(keys).where(keys.c.id == key_id, keys.c.revoked_at.is_(None))
        if tenant is not None:
            change = change.where(keys.c.tenant == tenant)
        with self._write() as connection:
            return count(connection.execute(change.values(revoked_at=self._now()))) == 1

    def touch(self, key_id: str, age: timedelta) -> None:
        """See `KeyStore.touch`."""
        now = self._now()
        old = or_(keys.c.last_used_at.is_(None), keys.c.last_used_at <= now - age)
        with self._write() as connection:
            connection.execute(
                update(keys).where(keys.c.id == key_id, old).values(last_used_at=now)
            )

    def any_made(self) -> bool:
        """See `KeyStore.any_made`."""
        with self._read() as connection:
            return connection.execute(select(keys.c.id).limit(1)).first() is not None


def _key(row: Row[Any]) -> Key:
    values = {name: getattr(row, name) for name in _SAME}
    for name in _MONEY:
        money = getattr(row, name)
        values[name] = None if money is None else dollars(money)
    return Key(**values, scopes=frozenset(scope for scope in SCOPES if scope in row.scopes))


_MONEY = ("budget_day", "budget_total")
_SAME = tuple(name for name in Key.__dataclass_fields__ if name not in _MONEY and name != "scopes")
