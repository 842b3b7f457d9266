"""Answers of models, kept so that the same question about the same document is paid once.

An answer is its job's own until that ends, however long that takes, and then anybody's for a while.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    Connection,
    Engine,
    delete,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects import postgresql, sqlite

from invoice_extraction.model.calls import Kept
from service.store.base import FINAL
from service.store.tables import answers, jobs, paid_calls
from service.store.transactions import Transactions

MAX_ALL = 500_000_000
"""Bytes of all answers; the oldest go first."""


class Answers(Transactions):
    """Keeps an answer for `kept_for`, and at least until its job has ended; each call is one transaction.

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

        None where there is nothing or it is too old; a job's own is not.
        """
        young = answers.c.kept_at > self._now() - self._kept_for
        mine = answers.c.job == job_id
        own = mine.label("own")
        query = (
            select(answers.c.answer, own)
            .where(answers.c.key == key, mine if only_own else or_(mine, young))
            .order_by(own.desc(), answers.c.kept_at.desc())
            .limit(1)
        )
        with self._read() as connection:
            row = connection.execute(query).first()
        return None if row is None else Kept(row.answer, own=bool(row.own))

    def keep(self, key: str, job_id: str, answer: bytes) -> bool:
        """Keep what a model answered about a job's document, unless that was deleted meanwhile.

        Nor is it kept where it would have gone with the job's end, and that has come. Return whether it is.
        """
        # The row is locked, so that an end comes either before, or after and takes the answer along.
        alive = select(jobs.c.id).where(jobs.c.id == job_id, jobs.c.deleted_at.is_(None))
        if not self._kept_for:
            alive = alive.where(jobs.c.status.not_in(FINAL))
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
        """Remove what is too old, and the oldest answers of what is too much; return how many answers.

        What jobs need that have not ended is never too old.
        """
        going = select(jobs.c.id).where(jobs.c.status.not_in(FINAL))
        old = answers.c.kept_at <= self._now() - self._kept_for
        with self._write() as connection:
            connection.execute(delete(paid_calls).where(paid_calls.c.job.not_in(going)))
            ended = answers.c.job.not_in(going)
            removed = connection.execute(delete(answers).where(old, ended)).rowcount
            return removed + _prune_size(connection)


def end(connection: Connection, job_id: str, *, kept: bool) -> None:
    """Remove what is needed only until a job's end, and its answers unless they are `kept`; part of that end."""
    connection.execute(delete(paid_calls).where(paid_calls.c.job == job_id))
    if not kept:
        connection.execute(delete(answers).where(answers.c.job == job_id))


def forget(connection: Connection, job_id: str) -> None:
    """Remove all that is kept of calls about a job's document; part of the job's own deletion."""
    end(connection, job_id, kept=False)


def _prune_size(connection: Connection) -> int:
    """Remove the oldest answers until the others fit."""
    row = (answers.c.key, answers.c.job)
    newer = func.sum(answers.c.size).over(order_by=(answers.c.kept_at.desc(), *row))
    ranked = select(*row, newer.label("newer")).subquery()
    over = select(ranked.c.key, ranked.c.job).where(ranked.c.newer > MAX_ALL)
    if (connection.execute(select(func.sum(answers.c.size))).scalar_one() or 0) <= MAX_ALL:
        return 0
    return connection.execute(delete(answers).where(tuple_(*row).in_(over))).rowcount
