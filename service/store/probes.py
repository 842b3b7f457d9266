"""What models' providers said of themselves, so that every process can tell it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, select
from sqlalchemy.dialects import postgresql, sqlite

from service.store.tables import probes
from service.store.transactions import Transactions


@dataclass(frozen=True, slots=True)
class Probe:
    """Whether a model can be used, or why not: `since` when that is so, and when it was last asked."""

    ready: bool
    reason: str | None
    since: datetime
    checked_at: datetime


class Probes(Transactions):
    """Keeps the newest probe of each model; each call is one transaction.

    Each may raise ServiceUnavailable or StorageFull.
    """

    def note(self, model: str, *, ready: bool, reason: str | None) -> None:
        """Record what a model's provider said just now."""
        now = self._now()
        insert = sqlite.insert if self._is_sqlite else postgresql.insert
        new = insert(probes).values(
            model=model[:200], ready=ready, reason=reason, since=now, checked_at=now
        )
        since = case((probes.c.ready == ready, probes.c.since), else_=new.excluded.since)
        values = {"ready": ready, "reason": reason, "since": since, "checked_at": now}
        with self._write() as connection:
            connection.execute(new.on_conflict_do_update(index_elements=["model"], set_=values))

    def all(self) -> Mapping[str, Probe]:
        """Return the newest probe of each model that was ever asked."""
        with self._read() as connection:
            return {
                row.model: Probe(row.ready, row.reason, row.since, row.checked_at)
                for row in connection.execute(select(probes))
            }
