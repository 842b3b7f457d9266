"""Jobs in SQLite or PostgreSQL, by the same statements; each call is one transaction."""

import base64
import json
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Update,
    and_,
    case,
    delete,
    func,
    insert,
    null,
    or_,
    select,
    tuple_,
    update,
)

from service.errors import Expired, UnknownTask
from service.store.answers import forget
from service.store.base import FINAL, MAX_LOSSES, Job, JobPage, Lane, Status
from service.store.tables import jobs, workers
from service.store.transactions import Transactions, count

WAITING = ("PENDING", "RETRY")
_LISTED = [column for column in jobs.c if column.name not in {"extraction", "worker"}]
_FIELDS = frozenset(Job.__dataclass_fields__)
_LEASED = and_(jobs.c.status == "STARTED", jobs.c.lease_until.is_not(None))
_HANDED_OVER = and_(jobs.c.status == "STARTED", jobs.c.lease_until.is_(None))
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
    "needs_review",
    "error",
)


class SqlStore(Transactions):
    """See `Store`."""

    # ---------------------------------------------------------------- rows

    def add(self, new: list[Job]) -> None:
        """See `Store.add`."""
        rows = [
            {column.name: getattr(job, column.name) for column in jobs.c if column.name in _FIELDS}
            for job in new
        ]
        if rows:
            with self._write() as connection:
                # by the clock that claims compare with, which need not be this machine's
                connection.execute(insert(jobs).values(not_before=self._now()), rows)

    def get(self, tenant: str, job_id: str) -> Job:
        """See `Store.get`."""
        with self._read() as connection:
            row = connection.execute(select(jobs).where(_is(tenant, job_id))).one_or_none()
        if row is None:
            raise UnknownTask("There is no task with this id.")
        if row.deleted_at is not None:
            raise Expired("This document and its result were deleted.")
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
        self, tenant: str, *, limit: int, cursor: str | None = None, status: Status | None = None
    ) -> JobPage:
        """See `Store.newest`."""
        query = (
            select(*_LISTED)
            .where(jobs.c.tenant == tenant, jobs.c.deleted_at.is_(None))
            .order_by(jobs.c.created_at.desc(), jobs.c.id.desc())
            .limit(limit + 1)
        )
        if status:
            query = query.where(jobs.c.status == status)
        if cursor:
            created_at, job_id = _read_cursor(cursor)
            query = query.where(tuple_(jobs.c.created_at, jobs.c.id) < tuple_(created_at, job_id))
        with self._read() as connection:
            found = [_job(row) for row in connection.execute(query)]
        more = len(found) > limit
        page = tuple(found[:limit])
        return JobPage(page, _cursor(page[-1]) if more else None)

    def delete(self, tenant: str, job_id: str) -> None:
        """See `Store.delete`."""
        emptied: dict[str, Any] = dict.fromkeys(_EMPTIED)
        status = case((jobs.c.status.in_(FINAL), jobs.c.status), else_="REVOKED")
        change = update(jobs).where(_is(tenant, job_id), jobs.c.deleted_at.is_(None))
        with self._write() as connection:
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
            if not count(changed):
                raise UnknownTask("There is no task with this id.")
            forget(connection, job_id)

    # ---------------------------------------------------------------- the queue

    def claim(self, job_id: str, worker: str, lease: timedelta) -> Job | None:
        """See `Store.claim`."""
        return self._claim(jobs.c.id == job_id, worker, lease, "fast")

    def claim_next(self, worker: str, lease: timedelta, lane: Lane = "fast") -> Job | None:
        """See `Store.claim_next`."""
        oldest: Select[Any] = (
            select(jobs.c.id)
            .where(self._available(lane))
            .order_by(jobs.c.not_before, jobs.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)  # SQLite has no such clause and needs none
        )
        return self._claim(jobs.c.id == oldest.scalar_subquery(), worker, lease, lane)

    def _claim(
        self, which: ColumnElement[bool], worker: str, lease: timedelta, lane: Lane
    ) -> Job | None:
        now = self._now()
        taken = (
            update(jobs)
            .where(which, self._available(lane))
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
        with self._write() as connection:
            row = connection.execute(taken).one_or_none()
        return None if row is None else _job(row)

    def _available(self, lane: Lane) -> ColumnElement[bool]:
        now = self._now()
        ways = [
            and_(jobs.c.status.in_(WAITING), jobs.c.not_before <= now),
            and_(
                jobs.c.status == "STARTED",
                jobs.c.lease_until < now,
                jobs.c.losses < MAX_LOSSES - 1,
            ),
        ]
        if lane == "scan":
            ways.append(_HANDED_OVER)
        return and_(jobs.c.lane == lane, or_(*ways))

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

    def finish(self, job_id: str, token: str, extraction: str, *, needs_review: bool) -> bool:
        """See `Store.finish`."""
        return self._end(
            job_id, token, status="SUCCESS", extraction=extraction, needs_review=needs_review
        )

    def fail(self, job_id: str, token: str, error: dict[str, Any]) -> bool:
        """See `Store.fail`."""
        return self._end(job_id, token, status="FAILURE", error=error)

    def postpone(
        self, job_id: str, token: str, delay: timedelta, error: dict[str, Any], *, counted: bool
    ) -> bool:
        """See `Store.postpone`."""
        return self._change(
            job_id,
            token,
            status="RETRY",
            retries=jobs.c.retries + int(counted),
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

    def _end(self, job_id: str, token: str, **values: Any) -> bool:
        return self._change(
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
        """Change a claimed job; only the holder of the newest claim can (the fencing token)."""
        held = and_(jobs.c.id == job_id, jobs.c.status == "STARTED", jobs.c.lease_token == token)
        change: Update = (
            update(jobs)
            .where(held)
            .values(version=jobs.c.version + 1, updated_at=self._now(), **values)
        )
        with self._write() as connection:
            return count(connection.execute(change)) == 1

    def hand_back(self, worker: str) -> list[str]:
        """See `Store.hand_back`."""
        held = and_(jobs.c.worker == worker, jobs.c.status == "STARTED")
        given = (
            update(jobs)
            .where(held)
            .values(
                status="RETRY",
                not_before=self._now(),
                announced_at=None,
                progress=None,
                worker=None,
                lease_token=None,
                lease_until=None,
                version=jobs.c.version + 1,
                updated_at=self._now(),
            )
            .returning(jobs.c.id)
        )
        with self._write() as connection:
            ids = list(connection.execute(given).scalars())
            connection.execute(delete(workers).where(workers.c.id == worker))
        return ids

    def fail_lost(self, lost: dict[str, Any]) -> list[str]:
        """See `Store.fail_lost`."""
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
            .returning(jobs.c.id)
        )
        with self._write() as connection:
            return list(connection.execute(failed).scalars())

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
            return list(connection.execute(select(jobs.c.tenant).distinct()).scalars())

    def kept(self, tenant: str, job_ids: list[str]) -> set[str]:
        """See `Store.kept`."""
        query = select(jobs.c.id).where(
            jobs.c.tenant == tenant, jobs.c.id.in_(job_ids), jobs.c.deleted_at.is_(None)
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
