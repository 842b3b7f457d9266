"""Jobs in SQLite or PostgreSQL, by the same statements; each call is one transaction."""

import base64
import json
import re
import secrets
import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Interval,
    Row,
    Select,
    Update,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    tuple_,
    update,
)

from service.errors import (
    Expired,
    IdempotencyInProgress,
    QueueFull,
    ServiceUnavailable,
    StorageFull,
    UnknownTask,
)
from service.store import answers, known, outbox, people, search
from service.store.base import (
    EVERYTHING,
    FINAL,
    MAX_LOSSES,
    Filter,
    Job,
    JobPage,
    Lane,
    Once,
    Share,
)
from service.store.tables import idempotency, is_kept, jobs, tenants, workers
from service.store.tenants import make_tenant
from service.store.transactions import Transactions, count

WAITING = ("PENDING", "RETRY")
MERGED = 500
"""Pages of the index of words that are rewritten in one transaction, and words that are forgotten in one."""

DATED = 1000
"""Jobs that are given another time to expire in one transaction."""

_LISTED = [column for column in jobs.c if column.name not in {"extraction", "as_read", "worker"}]
_FIELDS = frozenset(Job.__dataclass_fields__)
_ADDED = [
    column.name for column in jobs.c if column.name in _FIELDS and column.name != "updated_at"
]
_LEASED = and_(jobs.c.status == "STARTED", jobs.c.lease_until.is_not(None))
_HANDED_OVER = and_(jobs.c.status == "STARTED", jobs.c.lease_until.is_(None))
_REFUSED = and_(jobs.c.status == "FAILURE", jobs.c.attempts == 0)
"""A job that was refused at the door: its file is not kept."""

_ALL = Share()
_ID = re.compile(r"[0-9a-f]{32}")
_EMPTIED = (
    "media_type",
    "sha256",
    "request_id",
    "reference",
    "details",
    "worker",
    "lease_token",
    "lease_until",
    "progress",
    "extraction",
    "as_read",
    "needs_review",
    "decision",
    "duplicate_of",
    "duplicate_reason",
    "expires_at",
    "error",
)


class SqlStore(Transactions):
    """See `Store`. With `keeps_answers` those of models outlive the end of their job."""

    def __init__(
        self,
        engine: Engine,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        keeps_answers: bool = True,
    ) -> None:
        super().__init__(engine, clock)
        self._keeps_answers = keeps_answers

    # ---------------------------------------------------------------- rows

    def add(self, new: list[Job], share: Share = _ALL, once: Once | None = None) -> list[Job]:
        """See `Store.add`."""
        if not new:
            return []
        with self._write() as connection:
            # first of all, and so for all who add to the tenant one after the other
            self._count(connection, new, share)
            if once is not None:
                self._carry_out(connection, once, new)
            added = known.without_twins(connection, new)
            rows = [{name: getattr(job, name) for name in _ADDED} for job in added]
            # by the clock that claims and events compare with, which need not be this machine's
            now = self._now()
            connection.execute(insert(jobs).values(not_before=now, updated_at=now), rows)
            outbox.tell_ends(connection, added, now)
        return added

    def _count(self, connection: Connection, new: list[Job], share: Share) -> None:
        """Count the files among those of the tenant, where its share allows it."""
        tenant = new[0].tenant
        size = sum(job.size for job in new if not job.is_final)
        mine = update(tenants).where(tenants.c.id == tenant)
        more = mine.values(stored=tenants.c.stored + size).returning(tenants.c.stored)
        stored = connection.execute(more).scalar_one_or_none()
        if stored is None:
            make_tenant(connection, tenant)
            stored = connection.execute(more).scalar_one()
        if share.stored is not None and stored > share.stored and size:
            full = StorageFull(f"The files would be more than {share.stored:,} bytes in all.")
            full.hint = (
                "Delete documents that are no longer needed; nothing of this request was kept."
            )
            raise full
        self._check_queue(connection, tenant, sum(not job.is_final for job in new), share)

    def check_share(self, tenant: str, share: Share) -> None:
        """See `Store.check_share`."""
        if share.queued is not None:
            with self._read() as connection:
                self._check_queue(connection, tenant, 1, share)

    def _check_queue(self, connection: Connection, tenant: str, more: int, share: Share) -> None:
        if share.queued is None:
            return
        waiting = select(jobs.c.id).where(jobs.c.tenant == tenant, jobs.c.status.in_(WAITING))
        some = waiting.limit(share.queued + 1).subquery()
        found = connection.execute(select(func.count()).select_from(some)).scalar_one()
        if found + more > share.queued:
            raise QueueFull(f"{found:,} documents wait; the limit is {share.queued:,}.")

    def _carry_out(self, connection: Connection, once: Once, new: list[Job]) -> None:
        """Record what the request is answered with; only the one that is under way can."""
        mine = and_(
            idempotency.c.owner == once.owner,
            idempotency.c.key == once.key,
            idempotency.c.token == once.token,
        )
        done = update(idempotency).where(mine)
        done = done.values(token=None, fingerprint=once.fingerprint, jobs=[job.id for job in new])
        if not count(connection.execute(done)):
            raise IdempotencyInProgress("Another request with this Idempotency-Key took over.")

    def get(self, tenant: str, job_id: str) -> Job:
        """See `Store.get`."""
        with self._read() as connection:
            row = connection.execute(select(jobs).where(_is(tenant, job_id))).one_or_none()
        if row is None:
            raise UnknownTask("There is no task with this id.")
        if row.deleted_at is not None:
            raise Expired("This document and its result were deleted.")
        if row.expires_at is not None and row.expires_at <= self._clock():
            raise Expired("The time for which this document is kept is over.")
        return _job(row)

    def versions(self, job_ids: list[str]) -> dict[str, tuple[int, bool]]:
        """See `Store.versions`."""
        found: dict[str, tuple[int, bool]] = {}
        with self._read() as connection:
            for start in range(0, len(job_ids), 500):
                query = select(jobs.c.id, jobs.c.version, jobs.c.status, jobs.c.deleted_at)
                chunk = job_ids[start : start + 500]
                for row in connection.execute(query.where(jobs.c.id.in_(chunk))):
                    final = row.status in FINAL or row.deleted_at is not None
                    found[row.id] = (row.version, final)
        return found

    def newest(
        self,
        tenant: str,
        *,
        limit: int,
        cursor: str | None = None,
        asked: Filter = EVERYTHING,
        whole: bool = False,
    ) -> JobPage:
        """See `Store.newest`."""
        columns = [*_LISTED, jobs.c.extraction] if whole else _LISTED
        query = select(*columns).where(jobs.c.tenant == tenant, is_kept(self._now()))
        query = query.where(*_conditions(asked)).limit(limit + 1)
        after = _read_cursor(cursor) if cursor else None
        if asked.text or asked.seller:
            found = search.terms(asked.text), search.terms(asked.seller)
            if not any(found) or asked.status not in {None, "SUCCESS"}:
                return JobPage((), None)  # only what has a result is found by words
            query = query.join(search.entries, search.entries.c.job == jobs.c.id)
        if self._is_sqlite and (asked.text or asked.seller):
            places = search.entries.c.rowid  # in the order of the list, and so never sorted
            query = query.order_by(places.desc())
            if after:
                query = query.where(places < search.place(*after))
            if asked.since:
                query = query.where(places >= search.place(_midnight(asked.since), "0"))
            if end := _over(asked):
                query = query.where(places < search.place(end, "0"))
        else:
            query = query.order_by(jobs.c.created_at.desc(), jobs.c.id.desc())
            if after:
                query = query.where(tuple_(jobs.c.created_at, jobs.c.id) < tuple_(*after))
        with self._read() as connection:
            if asked.text or asked.seller:
                query = query.where(search.condition(connection, tenant, asked, *found))
            rows = [_job(row) for row in connection.execute(query)]
        page = tuple(rows[:limit])
        return JobPage(page, _cursor(page[-1]) if len(rows) > limit else None)

    def delete(self, tenant: str, job_id: str) -> None:
        """See `Store.delete`."""
        emptied: dict[str, Any] = dict.fromkeys(_EMPTIED)
        status = case((jobs.c.status.in_(FINAL), jobs.c.status), else_="REVOKED")
        change = update(jobs).where(_is(tenant, job_id), jobs.c.deleted_at.is_(None))
        with self._write() as connection:
            kept = case((_REFUSED, 0), else_=jobs.c.size).label("kept")
            columns: list[Any] = [kept, *outbox.TOLD, jobs.c.created_at]
            job = connection.execute(
                select(*columns)
                .where(_is(tenant, job_id), jobs.c.deleted_at.is_(None))
                .with_for_update()
            ).one_or_none()
            changed = connection.execute(
                change.values(
                    **emptied,
                    filename="",
                    options={},
                    status=status,
                    version=jobs.c.version + 1,
                    updated_at=self._now(),
                    deleted_at=self._now(),
                )
            )
            if job is None or not count(changed):
                raise UnknownTask("There is no task with this id.")
            answers.forget(connection, job_id)
            known.forget(connection, job_id)
            search.remove(connection, job_id, job.created_at)
            outbox.forget(connection, job_id)
            people.forget(connection, job_id)
            if job.status not in FINAL:  # it ends with this
                outbox.tell_batches(connection, [job], self._now())
            less = update(tenants).where(tenants.c.id == tenant)
            connection.execute(less.values(stored=tenants.c.stored - job.kept))

    def forget_removed(self) -> None:
        """See `Store.forget_removed`; PostgreSQL does it by itself."""
        if not self._is_sqlite:
            return
        with self._read() as connection:
            removed = search.removed(connection)
        if not removed:
            return
        more, pages = True, -MERGED  # below zero it begins anew, with all there is
        while more:  # bit by bit, so that nobody waits long to write
            with self._write() as connection:
                more = search.merge(connection, pages)
            pages = MERGED
        with self._read() as connection:
            gone = search.gone(connection)
        for start in range(0, len(gone), MERGED):
            with self._write() as connection:
                search.settle(connection, gone[start : start + MERGED])
        with self._write() as connection:
            search.forget_removed(connection, removed)

    def expired(self, limit: int) -> list[tuple[str, str]]:
        """See `Store.expired`."""
        query = (
            select(jobs.c.tenant, jobs.c.id)
            .where(jobs.c.expires_at <= self._now())  # a deleted one has none
            .order_by(jobs.c.expires_at)
            .limit(limit)
        )
        with self._read() as connection:
            return [(row.tenant, row.id) for row in connection.execute(query)]

    def keep_for(self, age: timedelta | None) -> int:
        """See `Store.keep_for`."""
        due = null() if age is None else self._after(jobs.c.created_at, age)
        wrong = and_(jobs.c.deleted_at.is_(None), jobs.c.expires_at.is_distinct_from(due))
        with self._read() as connection:
            ids = list(connection.execute(select(jobs.c.id).where(wrong)).scalars())
        changed = 0
        for start in range(0, len(ids), DATED):  # bit by bit, so that nobody waits long to write
            some = jobs.c.id.in_(ids[start : start + DATED])
            with self._write() as connection:
                change = update(jobs).where(some, wrong)
                dated = change.values(expires_at=due, version=jobs.c.version + 1)
                changed += count(connection.execute(dated))
        return changed

    def _after(self, column: ColumnElement[Any], age: timedelta) -> ColumnElement[Any]:
        """Return the instant of a column moved by whole seconds."""
        if not self._is_sqlite:
            return column + literal(age, Interval())
        # SQLite keeps text; what is behind the seconds is put back as it was
        moved = func.datetime(column, f"{age.total_seconds():+.0f} seconds")
        return moved.concat(func.substr(column, 20))

    def scrub(self) -> None:
        """See `Store.scrub`: SQLite's log of writes is carried over and emptied."""
        if not self._is_sqlite:
            return
        connection = self.engine.raw_connection()  # not in a transaction, where it is not allowed
        try:
            busy = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.OperationalError as exc:
            raise ServiceUnavailable("The database's log of writes cannot be emptied now.") from exc
        finally:
            connection.close()
        if busy:  # told, not thrown: somebody still reads what it holds
            raise ServiceUnavailable("The database's log of writes is in use.")

    # ---------------------------------------------------------------- the queue

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
        return _job(row)

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
        found_by = search.entry(extraction, text)
        with self._write() as connection:
            done = self._ended(
                job_id, token, status="SUCCESS", extraction=extraction, needs_review=needs_review
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

    def tenants(self) -> list[str]:
        """See `Store.tenants`."""
        with self._read() as connection:
            return list(connection.execute(select(tenants.c.id)).scalars())

    def kept(self, tenant: str, job_ids: list[str]) -> set[str]:
        """See `Store.kept`."""
        query = select(jobs.c.id).where(
            jobs.c.tenant == tenant, jobs.c.id.in_(job_ids), is_kept(self._now())
        )
        with self._read() as connection:
            return set(connection.execute(query).scalars())

    def mark_announced(self, job_ids: list[str]) -> None:
        """See `Store.mark_announced`."""
        with self._write() as connection:
            connection.execute(
                update(jobs).where(jobs.c.id.in_(job_ids)).values(announced_at=self._now())
            )

    # ---------------------------------------------------------------- health

    def worker_seen_within(self, age: timedelta) -> bool:
        """See `Store.worker_seen_within`."""
        query = select(workers.c.id).where(workers.c.seen_at > self._now() - age).limit(1)
        with self._read() as connection:
            return connection.execute(query).first() is not None

    def check(self) -> None:
        """See `Store.check`."""
        with self._read() as connection:
            connection.execute(select(workers.c.id).limit(1))


def _conditions(asked: Filter) -> list[ColumnElement[bool]]:
    """Return what a filter asks of a job's row."""
    found = []
    if asked.status:
        found.append(jobs.c.status == asked.status)
    if asked.needs_review is not None:
        found.append(jobs.c.needs_review == asked.needs_review)
    if asked.duplicate is not None:
        other = jobs.c.duplicate_of
        found.append(other.is_not(None) if asked.duplicate else other.is_(None))
    if asked.reference:
        found.append(jobs.c.reference == asked.reference)
    if asked.since:
        found.append(jobs.c.created_at >= _midnight(asked.since))
    if end := _over(asked):
        found.append(jobs.c.created_at < end)
    return found


def _over(asked: Filter) -> datetime | None:
    """Return the instant before which what is asked for was received, None where it may be any."""
    if asked.until is None or asked.until == date.max:
        return None
    return _midnight(asked.until + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _is(tenant: str, job_id: str) -> ColumnElement[bool]:
    return and_(jobs.c.id == job_id, jobs.c.tenant == tenant)


def _job(row: Row[Any]) -> Job:
    return Job(**{key: value for key, value in row._mapping.items() if key in _FIELDS})


def _cursor(job: Job) -> str:
    plain = json.dumps([job.created_at.timestamp(), job.id])
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        plain = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        stamp, job_id = json.loads(plain)
        if _ID.fullmatch(job_id):
            return datetime.fromtimestamp(stamp, UTC), job_id
    except (ValueError, TypeError, OverflowError, OSError, RecursionError):
        pass
    raise ValueError("not a cursor of this list")
