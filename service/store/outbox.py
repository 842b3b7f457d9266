"""Events for webhooks: recorded in the transaction that makes them true, and sent by workers afterwards."""

import json
import secrets
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from service.store.base import FINAL, Job
from service.store.tables import deliveries, jobs, webhooks
from service.webhooks import SWITCHED_OFF, Event

TOLD = (
    *(jobs.c.id, jobs.c.tenant, jobs.c.batch, jobs.c.status, jobs.c.filename, jobs.c.reference),
    *(jobs.c.needs_review, jobs.c.error, jobs.c.options, jobs.c.updated_at),
)
"""The columns of a job that its events are made of."""


def tell_ends(connection: Connection, ended: Sequence[Job | Row[Any]], now: Any) -> None:
    """Record the events of those of the jobs that have just come to their end, and of their batches; due `now`.

    They are given as they are, or as their columns `TOLD`.
    """
    for job in ended:
        if job.status == "SUCCESS":
            tell(connection, "document.completed", job, now)
            if job.needs_review:
                tell(connection, "document.needs_review", job, now)
        elif job.status == "FAILURE":
            tell(connection, "document.failed", job, now)
    tell_batches(connection, [job for job in ended if job.status in FINAL], now)


def tell(connection: Connection, kind: Event, job: Job | Row[Any], now: Any) -> None:
    """Record an event of a document, given as its job or the columns `TOLD` of it; due `now`."""
    wanting = _wanting(connection, kind, job)
    if not wanting:
        return
    error = job.error and {"code": job.error["code"], "title": job.error["title"]}
    data = {
        "task_id": job.id,
        "status": job.status,
        "filename": job.filename,
        "reference": job.reference,
        "needs_review": job.needs_review,
        "error": error,
        "links": {"status": f"/status/{job.id}", "document": f"/v1/documents/{job.id}"},
    }
    _record(connection, wanting, kind, written(kind, job.updated_at, data), now, job=job.id)


def tell_batches(connection: Connection, ended: Sequence[Job | Row[Any]], now: Any) -> None:
    """Record for each batch of jobs that have just ended that it is complete, where it is; due `now`."""
    kind: Event = "batch.completed"
    last = {job.batch: job for job in ended if job.batch is not None}
    for batch, job in sorted(last.items()):  # whoever ends several locks them in one order
        wanting = _wanting(connection, kind, job)
        if not wanting:
            continue
        own = jobs.c.batch == batch
        # Of the last two that end at the same time, one waits here and then sees the other's end. Not for
        # a row: others lock many of them, and may wait for that of the job which ends here.
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(batch, 0))))
        columns = (
            jobs.c.status,
            func.count().label("files"),
            func.max(jobs.c.updated_at).label("at"),
        )
        found = connection.execute(select(*columns).where(own).group_by(jobs.c.status)).all()
        counts = {row.status: row.files for row in found}
        if not counts.keys() <= FINAL:
            continue
        links = {"batch": f"/v1/batches/{batch}"}
        data = {"batch_id": batch, "counts": counts, "links": links}
        body = written(kind, max(row.at for row in found), data)
        _record(connection, wanting, kind, body, now)


def forget(connection: Connection, job_id: str) -> None:
    """Remove what tells of a document; part of its own deletion."""
    connection.execute(delete(deliveries).where(deliveries.c.job == job_id))


def new_event() -> str:
    """Return a new webhook-id; later ones are greater, so that a list is in order."""
    return f"msg_{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"


def written(kind: str, at: datetime, data: dict[str, Any]) -> str:
    """Return the body, as it is signed and sent. `data` must be small: a link, not a document."""
    told = {"type": kind, "timestamp": at.isoformat().replace("+00:00", "Z"), "data": data}
    return json.dumps(told, separators=(",", ":"))


def _wanting(connection: Connection, kind: Event, job: Job | Row[Any]) -> list[dict[str, Any]]:
    """Return the webhooks that want the event, each as the columns of its delivery that differ.

    One that the upload named wants it though it is switched off: what was not sent is told by its list.
    """
    named = job.options.get("webhook")
    own = select(webhooks.c.id, webhooks.c.events, webhooks.c.by_upload, webhooks.c.disabled_at)
    own = own.where(webhooks.c.tenant == job.tenant)
    return [
        {
            "webhook": row.id,
            "url": job.options["webhook_url"] if row.by_upload else None,
            "state": "pending" if row.disabled_at is None else "failed",
            "error": None if row.disabled_at is None else SWITCHED_OFF,
        }
        for row in connection.execute(own)
        if row.id == named or (kind in row.events and row.disabled_at is None)
    ]


def _record(
    connection: Connection,
    wanting: list[dict[str, Any]],
    kind: str,
    body: str,
    now: Any,
    *,
    job: str | None = None,
) -> None:
    """Record one event for the webhooks; `job` is whose deletion removes it."""
    due = {"event": new_event(), "kind": kind, "job": job, "body": body}
    times = {"attempts": 0, "not_before": now, "created_at": now}
    connection.execute(insert(deliveries).values(due | times), wanting)
