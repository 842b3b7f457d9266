"""Jobs in SQLite or PostgreSQL, by the same statements; each call is one transaction."""

import sqlite3
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Interval,
    Row,
    Select,
    TextClause,
    and_,
    case,
    func,
    insert,
    literal,
    null,
    select,
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
from service.store import answers, known, order, outbox, people, search
from service.store.base import (
    EVERYTHING,
    FINAL,
    Filter,
    Job,
    JobPage,
    Once,
    Share,
    Sort,
)
from service.store.tables import idempotency, is_kept, jobs, tenants, workers
from service.store.tenants import make_tenant
from service.store.transactions import count
from service.store.turns import FIELDS, WAITING, Turns, job_of

MERGED = 500
"""Pages of the index of words that are rewritten in one transaction, and words that are forgotten in one."""

DATED = 1000
"""Jobs that are given another time to expire in one transaction."""

_LISTED = [column for column in jobs.c if column.name not in {"extraction", "as_read", "worker"}]
_ADDED = [column.name for column in jobs.c if column.name in FIELDS and column.name != "updated_at"]
_REFUSED = and_(jobs.c.status == "FAILURE", jobs.c.attempts == 0)
"""A job that was refused at the door: its file is not kept."""

_ALL = Share()
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
    *order.NAMES,
)


class SqlStore(Turns):
    """See `Store`."""

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
        return job_of(row)

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
        sort: Sort = "-received",
    ) -> JobPage:
        """See `Store.newest`."""
        columns = [*_LISTED, jobs.c.extraction] if whole else _LISTED
        query = select(*columns).where(jobs.c.tenant == tenant, is_kept(self._now()))
        query = query.where(*_conditions(asked))
        after = order.place_of(cursor, sort) if cursor else None
        with self._read() as connection:
            if asked.text or asked.seller:
                found = search.terms(asked.text), search.terms(asked.seller)
                if not any(found) or asked.status not in {None, "SUCCESS"}:
                    return JobPage((), None)  # only what has a result is found by words
                words = search.condition(connection, tenant, asked, *found)
                parts = self._found(query, words, asked, sort, after)
            else:
                parts = order.parts(query, sort, after)
            rows: list[Row[Any]] = []
            for part in parts:
                rows += connection.execute(part.limit(limit + 1 - len(rows)))
                if len(rows) > limit:
                    break
        page = tuple(map(job_of, rows[:limit]))
        return JobPage(page, order.cursor(rows[limit - 1], sort) if len(rows) > limit else None)

    def _found(
        self,
        query: Select[Any],
        words: TextClause,
        asked: Filter,
        sort: Sort,
        after: order.Place | None,
    ) -> Iterable[Select[Any]]:
        """Return the query for what is found by words, in its order."""
        if sort not in order.RECEIVED:
            found = select(search.entries.c.job).where(words)
            return order.parts(query.where(jobs.c.id.in_(found)), sort, after)
        query = query.join(search.entries, search.entries.c.job == jobs.c.id).where(words)
        if not self._is_sqlite:
            return order.parts(query, sort, after)
        falls = sort == "-received"
        places = search.entries.c.rowid  # in the order of the list, and so never sorted
        query = query.order_by(places.desc() if falls else places.asc())
        if after:
            seen = search.place(after.created_at, after.job_id)
            query = query.where(places < seen if falls else places > seen)
        if asked.since:
            query = query.where(places >= search.place(_midnight(asked.since), "0"))
        if end := _over(asked):
            query = query.where(places < search.place(end, "0"))
        return [query]

    def number(self, tenant: str, asked: Filter, most: int) -> int:
        """See `Store.number`."""
        query = select(jobs.c.id).where(jobs.c.tenant == tenant, is_kept(self._now()))
        some = query.where(*_conditions(asked)).limit(most).subquery()
        with self._read() as connection:
            return int(connection.execute(select(func.count()).select_from(some)).scalar_one())

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
