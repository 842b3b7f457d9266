"""Answers of models, kept so that the same question about the same document is paid once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    Connection,
    Engine,
    delete,
    func,
    select,
    tuple_,
)
from sqlalchemy.dialects import postgresql, sqlite

from invoice_extraction.model.calls import Kept
from service.store.tables import answers, jobs
from service.store.transactions import Transactions

MAX_ALL = 500_000_000
"""Bytes of all answers; the oldest go first."""


class Answers(Transactions):
    """Keeps an answer for `kept_for` at the most; each call is one transaction.

    Each may raise ServiceUnavailable or StorageFull.
    """

    def __init__(
        self,
        engine: Engine,
        kept_for: timedelta,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(engine, clock)
        self._kept_for = kept_for

    def recall(self, key: str, job_id: str, *, only_own: bool = False) -> Kept | None:
        """Return what was kept under a key, by the job itself or else, unless `only_own`, the newest.

        None where there is nothing or it is too old.
        """
        young = answers.c.kept_at >= self._now() - self._kept_for
        own = (answers.c.job == job_id).label("own")
        query = (
            select(answers.c.answer, own)
            .where(answers.c.key == key, young, *([answers.c.job == job_id] if only_own else []))
            .order_by(own.desc(), answers.c.kept_at.desc())
            .limit(1)
        )
        with self._read() as connection:
            row = connection.execute(query).first()
        return None if row is None else Kept(row.answer, own=bool(row.own))

    def keep(self, key: str, job_id: str, answer: bytes) -> bool:
        """Keep what a model answered about a job's document, unless that was deleted meanwhile.

        Return whether it is kept.
        """
        # The row is locked, so that a deletion comes either before, or after and takes the answer along.
        alive = select(jobs.c.id).where(jobs.c.id == job_id, jobs.c.deleted_at.is_(None))
        with self._write() as connection:
            if connection.execute(alive.with_for_update(read=True)).first() is None:
                return False
            insert = sqlite.insert if self._is_sqlite else postgresql.insert
            values = {"answer": answer, "size": len(answer), "kept_at": self._now()}
            new = insert(answers).values(key=key, job=job_id, **values)
            same = ["key", "job"]
            connection.execute(new.on_conflict_do_update(index_elements=same, set_=values))
        return True

    def prune(self) -> int:
        """Remove what is too old, and the oldest of what is too much; return how many."""
        old = answers.c.kept_at < self._now() - self._kept_for
        with self._write() as connection:
            removed = connection.execute(delete(answers).where(old)).rowcount
            return removed + _prune_size(connection)


def forget(connection: Connection, job_id: str) -> None:
    """Remove the answers about a job's document; part of the job's own deletion."""
    connection.execute(delete(answers).where(answers.c.job == job_id))


def _prune_size(connection: Connection) -> int:
    """Remove the oldest answers until the others fit."""
    row = (answers.c.key, answers.c.job)
    newer = func.sum(answers.c.size).over(order_by=(answers.c.kept_at.desc(), *row))
    ranked = select(*row, newer.label("newer")).subquery()
    over = select(ranked.c.key, ranked.c.job).where(ranked.c.newer > MAX_ALL)
    if (connection.execute(select(func.sum(answers.c.size))).scalar_one() or 0) <= MAX_ALL:
        return 0
    return connection.execute(delete(answers).where(tuple_(*row).in_(over))).rowcount
