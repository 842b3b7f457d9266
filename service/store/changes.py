"""How tasks stand, for those who follow them: what changed since, of a tenant, a batch or chosen tasks.

A change is the row as it is now: who asks seldom sees fewer of them, and never one that is out of date. They
come in the order of their time, which is the database's; what a transaction is about to commit can still turn
up behind what was seen, for as long as SETTLED, and so can what a clock dates that was set back a little.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select, tuple_

from service.store.base import FINAL, Duplicate, Status
from service.store.tables import jobs
from service.store.transactions import Transactions

SETTLED = timedelta(seconds=5)
"""After so long what was changed at some time is there to be seen; transactions take milliseconds."""

_PIECE = 500
"""How many changes are read at a time."""

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

Place = tuple[datetime, str]
"""Where a change stands in their order: its time and its task."""

FIRST: Place = (_BEGINNING, "")
"""Stands before every change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How a task stands since `updated_at`; the fields are those of its job. All else of a deleted one is empty.

    One whose time is over is told as a deleted one, though nobody deleted it yet.
    """

    id: str
    batch: str | None
    filename: str
    status: Status
    progress: dict[str, Any] | None
    error: dict[str, Any] | None
    needs_review: bool | None
    duplicate_of: str | None
    duplicate_reason: Duplicate | None
    version: int
    updated_at: datetime
    created_at: datetime
    finished_at: datetime | None
    deleted_at: datetime | None

    @property
    def place(self) -> Place:
        """Where it stands among all changes."""
        return self.updated_at, self.id

    @property
    def is_final(self) -> bool:
        """True where nothing more will come of it."""
        return self.status in FINAL or self.deleted_at is not None


_COLUMNS = [*(jobs.c[name] for name in Change.__dataclass_fields__), jobs.c.expires_at]
_EMPTY = ("progress", "error", "needs_review", "duplicate_of", "duplicate_reason")


class Changes(Transactions):
    """Reads; each call may raise ServiceUnavailable."""

    def newest(self, tenant: str) -> datetime:
        """Return when a task of the tenant last changed; 1970 where it has none."""
        query = select(func.max(jobs.c.updated_at)).where(jobs.c.tenant == tenant)
        with self._read() as connection:
            found: datetime | None = connection.execute(query).scalar_one()
        return found or _BEGINNING

    def after(self, tenant: str, place: Place) -> Iterator[Change]:
        """Yield what changed after a place, the oldest first."""
        while True:
            behind = tuple_(jobs.c.updated_at, jobs.c.id) > tuple_(*place)
            query = select(*_COLUMNS).where(jobs.c.tenant == tenant, behind)
            some = query.order_by(jobs.c.updated_at, jobs.c.id).limit(_PIECE)
            with self._read() as connection:
                rows = [self._change(row) for row in connection.execute(some)]
            yield from rows
            if len(rows) < _PIECE:
                return
            place = rows[-1].place

    def around(self, tenant: str, instant: datetime) -> Iterator[Change]:
        """Yield what changed at an instant or after it, and before it what may have come to light since then."""
        return self.after(tenant, (max(instant, _BEGINNING + SETTLED) - SETTLED, ""))

    def of_tasks(self, tenant: str, ids: Collection[str]) -> list[Change]:
        """Return how those of the tasks that the tenant has stand, the one first that changed first."""
        return self._all(tenant, jobs.c.id.in_(ids))

    def of_batch(self, tenant: str, batch: str) -> list[Change]:
        """Return how a batch's tasks stand, the one first that changed first; empty where there is none."""
        return self._all(tenant, jobs.c.batch == batch)

    def _all(self, tenant: str, which: ColumnElement[bool]) -> list[Change]:
        query = select(*_COLUMNS).where(jobs.c.tenant == tenant, which)
        with self._read() as connection:
            found = [self._change(row) for row in connection.execute(query)]
        # sorted here: to save the sorting, SQLite would go through all that the tenant has
        return sorted(found, key=attrgetter("place"))

    def _change(self, row: Row[Any]) -> Change:
        told = dict(row._mapping)
        expires_at = told.pop("expires_at")
        if expires_at is not None and expires_at <= self._clock():
            status = row.status if row.status in FINAL else "REVOKED"
            told |= dict.fromkeys(_EMPTY) | {"filename": "", "status": status}
            told["deleted_at"] = expires_at
        return Change(**told)
