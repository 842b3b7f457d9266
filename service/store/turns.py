"""The queue of jobs: whose turn it is, who has a job in hand, how it ends or waits."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    Update,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    null,
    or_,
    select,
    update,
)

from service.store import answers, order, outbox, search
from service.store.base import MAX_LOSSES, Job, Lane
from service.store.tables import jobs, tenants, workers
from service.store.transactions import Transactions, count

WAITING = ("PENDING", "RETRY")
FIELDS = frozenset(Job.__dataclass_fields__)
"""The columns that a `Job` holds."""

_LEASED = and_(jobs.c.status == "STARTED", jobs.c.lease_until.is_not(None))
_HANDED_OVER = and_(jobs.c.status == "STARTED", jobs.c.lease_until.is_(None))


class Turns(Transactions):
    """The half of `Store` that workers use. With `keeps_answers` those of models outlive the end of their job."""

    def __init__(
        self,
        engine: Engine,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        keeps_answers: bool = True,
    ) -> None:
        super().__init__(engine, clock)
        self._keeps_answers = keeps_answers

    def claim(self, job_id: str, worker: str, lease: timedelta) -> Job | None:
        """See `Store.claim`."""
        with self._write() as connection:
            turn = connection.execute(self._turns("fast").limit(1)).scalar_one_or_none()
            whose = select(jobs.c.tenant).where(jobs.c.id == job_id)
            if turn is None or connection.execute(whose).scalar_one_or_none() != turn:
                return self._claim_oldest(connection, turn, worker, lease, "fast") if turn else None
            which = and_(jobs.c.id == job_id, self._available("fast"))
            return self._claim(connection, which, worker, lease)

    def claim_next(self, worker: str, lease: timedelta, lane: Lane = "fast") -> Job | None:
        """See `Store.claim_next`."""
        with self._write() as connection:
            # the others' turn where what the first has is being claimed by somebody else just now
            for turn in connection.execute(self._turns(lane)).scalars().all():
                if job := self._claim_oldest(connection, turn, worker, lease, lane):
                    return job
        return None

    def _turns(self, lane: Lane) -> Select[Any]:
        """Return the tenants that have something to do in the lane, in their turn."""
        own = jobs.c.tenant == tenants.c.id
        waits = or_(*(exists().where(own, way) for way in self._ways(lane)))
        held = select(func.count()).where(own, jobs.c.lane == lane, _LEASED).scalar_subquery()
        order = (held, tenants.c.served_at.asc().nulls_first(), tenants.c.id)
        return select(tenants.c.id).where(waits).order_by(*order)

    def _claim_oldest(
        self, connection: Connection, tenant: str, worker: str, lease: timedelta, lane: Lane
    ) -> Job | None:
        """Claim the job of a tenant that has waited longest; None when others hold all that wait."""
        heads = []
        for way in self._ways(lane):
            found = select(jobs.c.id, jobs.c.not_before).where(jobs.c.tenant == tenant, way)
            head = found.order_by(jobs.c.not_before).limit(1)
            # one way at a time: each finds its head in the index, together they would be sorted
            if row := connection.execute(head.with_for_update(skip_locked=True)).one_or_none():
                heads.append((row.not_before, row.id))
        if not heads:
            return None
        return self._claim(connection, jobs.c.id == min(heads)[1], worker, lease)

    def _claim(
        self, connection: Connection, which: ColumnElement[bool], worker: str, lease: timedelta
    ) -> Job | None:
        now = self._now()
        taken = (
            update(jobs)
            .where(which)
            .values(
                status="STARTED",
                attempts=jobs.c.attempts + case((_HANDED_OVER, 0), else_=1),
                losses=jobs.c.losses + case((_LEASED, 1), else_=0),
                worker=worker,
                lease_token=secrets.token_hex(16),
                lease_until=now + lease,
                started_at=func.coalesce(jobs.c.started_at, now),
                progress=case((_HANDED_OVER, jobs.c.progress), else_=null()),
                error=None,
                version=jobs.c.version + 1,
                updated_at=now,
            )
            .returning(*jobs.c)
        )
        row = connection.execute(taken).one_or_none()
        if row is None:
            return None
        served = update(tenants).where(tenants.c.id == row.tenant)
        connection.execute(served.values(served_at=now))
        return job_of(row)

    def _available(self, lane: Lane) -> ColumnElement[bool]:
        return or_(*self._ways(lane))

    def _ways(self, lane: Lane) -> list[ColumnElement[bool]]:
        """Return the ways in which a job of the lane can be had."""
        now, own = self._now(), jobs.c.lane == lane
        ways = [and_(own, jobs.c.status == state, jobs.c.not_before <= now) for state in WAITING]
        ways.append(
            and_(
                own,
                jobs.c.status == "STARTED",
                jobs.c.lease_until < now,
                jobs.c.losses < MAX_LOSSES - 1,
            )
        )
        if lane == "scan":
            ways.append(and_(own, _HANDED_OVER))
        return ways

    def beat(self, worker: str, lease: timedelta, tokens: list[str]) -> None:
        """See `Store.beat`."""
        now = self._now()
        with self._write() as connection:
            connection.execute(
                update(jobs)
                .where(
                    jobs.c.status == "STARTED",
                    jobs.c.lease_token.in_(tokens),
                    jobs.c.lease_until >= now,
                )
                .values(lease_until=now + lease)
            )
            seen = update(workers).where(workers.c.id == worker).values(seen_at=now)
            if not count(connection.execute(seen)):
                connection.execute(
                    delete(workers).where(workers.c.seen_at < now - timedelta(days=1))
                )
                connection.execute(insert(workers).values(id=worker, started_at=now, seen_at=now))

    def report(self, job_id: str, token: str, progress: dict[str, Any]) -> bool:
        """See `Store.report`."""
        return self._change(job_id, token, progress=progress)

    def finish(
        self, job_id: str, token: str, extraction: str, *, needs_review: bool, text: str = ""
    ) -> bool:
        """See `Store.finish`."""
        found_by, sorted_by = search.entry(extraction, text), order.keys(extraction)
        with self._write() as connection:
            done = self._ended(
                job_id,
                token,
                status="SUCCESS",
                extraction=extraction,
                needs_review=needs_review,
                **sorted_by,
            )
            job = connection.execute(done.returning(*outbox.TOLD, jobs.c.created_at)).one_or_none()
            if job is None:
                return False
            search.write(connection, job, found_by)
            answers.end(connection, job_id, kept=self._keeps_answers)
            outbox.tell_ends(connection, [job], self._now())
        return True

    def fail(self, job_id: str, token: str, error: dict[str, Any]) -> bool:
        """See `Store.fail`."""
        with self._write() as connection:
            failed = self._ended(job_id, token, status="FAILURE", error=error)
            job = connection.execute(failed.returning(*outbox.TOLD)).one_or_none()
            if job is None:
                return False
            answers.end(connection, job_id, kept=self._keeps_answers)
            outbox.tell_ends(connection, [job], self._now())
        return True

    def postpone(self, job_id: str, token: str, delay: timedelta, error: dict[str, Any]) -> bool:
        """See `Store.postpone`."""
        return self._change(
            job_id,
            token,
            status="RETRY",
            not_before=self._now() + delay,
            error=error,
            progress=None,
            worker=None,
            lease_token=None,
            lease_until=None,
        )

    def hand_over(self, job_id: str, token: str, progress: dict[str, Any]) -> bool:
        """See `Store.hand_over`."""
        return self._change(
            job_id,
            token,
            lane="scan",
            progress=progress,
            worker=None,
            lease_token=None,
            lease_until=None,
        )

    def _ended(self, job_id: str, token: str, **values: Any) -> Update:
        return self._changed(
            job_id,
            token,
            **values,
            finished_at=self._now(),
            progress=None,
            worker=None,
            lease_token=None,
            lease_until=None,
        )

    def _change(self, job_id: str, token: str, **values: Any) -> bool:
        with self._write() as connection:
            return count(connection.execute(self._changed(job_id, token, **values))) == 1

    def _changed(self, job_id: str, token: str, **values: Any) -> Update:
        """Return the change of a claimed job; only the holder of the newest claim can (the fencing token).

        It is made inside its transaction: its time is not before that of what others wrote meanwhile.
        """
        held = and_(jobs.c.id == job_id, jobs.c.status == "STARTED", jobs.c.lease_token == token)
        change = update(jobs).where(held)
        return change.values(version=jobs.c.version + 1, updated_at=self._now(), **values)

    def hand_back(self, worker: str) -> list[str]:
        """See `Store.hand_back`."""
        held = and_(jobs.c.worker == worker, jobs.c.status == "STARTED")
        with self._write() as connection:
            now = self._now()
            given = (
                update(jobs)
                .where(held)
                .values(
                    status="RETRY",
                    not_before=now,
                    announced_at=None,
                    progress=None,
                    worker=None,
                    lease_token=None,
                    lease_until=None,
                    version=jobs.c.version + 1,
                    updated_at=now,
                )
                .returning(jobs.c.id)
            )
            ids = list(connection.execute(given).scalars())
            connection.execute(delete(workers).where(workers.c.id == worker))
        return ids

    def fail_lost(self, lost: dict[str, Any]) -> list[str]:
        """See `Store.fail_lost`."""
        with self._write() as connection:
            now = self._now()
            failed = (
                update(jobs)
                .where(
                    jobs.c.status == "STARTED",
                    jobs.c.lease_until < now,
                    jobs.c.losses >= MAX_LOSSES - 1,
                )
                .values(
                    status="FAILURE",
                    losses=jobs.c.losses + 1,
                    error=lost,
                    finished_at=now,
                    progress=None,
                    worker=None,
                    lease_token=None,
                    lease_until=None,
                    version=jobs.c.version + 1,
                    updated_at=now,
                )
                .returning(*outbox.TOLD)
            )
            ended = connection.execute(failed).all()
            for job in ended:
                answers.end(connection, job.id, kept=self._keeps_answers)
            outbox.tell_ends(connection, ended, now)
        return [job.id for job in ended]

    def take_due(self, *, silent_for: timedelta, limit: int) -> list[str]:
        """See `Store.take_due`."""
        silent = or_(
            jobs.c.announced_at.is_(None),
            jobs.c.announced_at < self._now() - silent_for,
            jobs.c.announced_at < jobs.c.not_before,
            and_(jobs.c.status == "STARTED", jobs.c.announced_at < jobs.c.lease_until),
        )
        due = self._available("fast")  # the scan lane looks for itself
        found = select(jobs.c.id).where(due, silent).order_by(jobs.c.not_before)
        taken = found.limit(limit).with_for_update(skip_locked=True)
        marked = (
            update(jobs)
            .where(jobs.c.id.in_(taken))
            .values(announced_at=self._now())
            .returning(jobs.c.id)
        )
        with self._read() as connection:
            if connection.execute(found.limit(1)).first() is None:
                return []  # the usual case: nothing is written
        with self._write() as connection:
            return list(connection.execute(marked).scalars())

    def mark_announced(self, job_ids: list[str]) -> None:
        """See `Store.mark_announced`."""
        with self._write() as connection:
            connection.execute(
                update(jobs).where(jobs.c.id.in_(job_ids)).values(announced_at=self._now())
            )


def job_of(row: Row[Any]) -> Job:
    """Return the job of a row."""
    return Job(**{key: value for key, value in row._mapping.items() if key in FIELDS})
