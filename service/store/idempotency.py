"""Requests that are carried out once, by their Idempotency-Key: begun, carried out, and answered again."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from service.errors import IdempotencyInProgress
from service.store.base import Once
from service.store.tables import idempotency
from service.store.transactions import Transactions, count

KEPT = timedelta(days=1)
"""How long, at least, a request that was carried out is remembered."""

UNDER_WAY = timedelta(minutes=2)
"""After so long a request that was neither carried out nor given up is another's to carry out: its process
died, or its upload is so slow that it is refused at its end."""


@dataclass(frozen=True, slots=True)
class Done:
    """A request that was carried out: what was sent, as a hash, and the jobs it was answered with."""

    fingerprint: str
    jobs: tuple[str, ...]


class Idempotency(Transactions):
    """Keeps which requests were sent; each call is one transaction.

    A request is carried out by `Store.add`, in the transaction that records its jobs: it has taken place as
    a whole, for everybody who asks, or not at all. Each may raise ServiceUnavailable or StorageFull.
    """

    def begin(self, owner: str, key: str) -> Once | Done:
        """Return the right to carry the request out, or what came of it.

        Raises:
            IdempotencyInProgress: Another one like it is under way.
        """
        once = Once(owner, hashlib.sha256(key.encode()).hexdigest(), secrets.token_hex(16))
        own = and_(idempotency.c.owner == once.owner, idempotency.c.key == once.key)
        found = select(idempotency.c.token, idempotency.c.fingerprint, idempotency.c.jobs)
        with self._write() as connection:
            now = self._now()
            values = {"token": once.token, "until": now + UNDER_WAY, "created_at": now}
            insert = sqlite.insert if self._is_sqlite else postgresql.insert
            new = insert(idempotency).values(owner=once.owner, key=once.key, **values)
            if count(connection.execute(new.on_conflict_do_nothing())):
                return once
            given_up = and_(own, idempotency.c.token.is_not(None), idempotency.c.until < now)
            if count(connection.execute(update(idempotency).where(given_up).values(**values))):
                return once
            row = connection.execute(found.where(own)).one_or_none()
        if row is None or row.token is not None:
            raise IdempotencyInProgress("A request with this Idempotency-Key is under way.")
        return Done(row.fingerprint, tuple(row.jobs))

    def give_up(self, once: Once) -> None:
        """Forget a request that was not carried out; harmless where it was, or another one took over."""
        with self._write() as connection:
            connection.execute(delete(idempotency).where(idempotency.c.token == once.token))

    def prune(self) -> int:
        """Forget what is old enough; return how many requests."""
        old = idempotency.c.created_at < self._now() - KEPT
        over = or_(idempotency.c.token.is_(None), idempotency.c.until < self._now())
        with self._write() as connection:
            return count(connection.execute(delete(idempotency).where(old, over)))
