"""Events for webhooks: recorded in the transaction that makes them true, and sent by workers afterwards."""

import json
import secrets
import time
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from service.store.base import Job
from service.store.tables import deliveries, jobs, webhooks
from service.webhooks import Event

TOLD = (
    *(jobs.c.id, jobs.c.tenant, jobs.c.status, jobs.c.filename, jobs.c.reference),
    *(jobs.c.needs_review, jobs.c.error, jobs.c.options, jobs.c.updated_at),
)
"""The columns of a job that its events are made of."""


def tell_end(connection: Connection, job: Job | Row[Any], now: Any) -> None:
    """Record the events of a job that has just come to its end, if it has; due `now`.

    It is given as it is, or as its columns `TOLD`.
    """
    if job.status == "SUCCESS":
        tell(connection, "document.completed", job, now)
        if job.needs_review:
            tell(connection, "document.needs_review", job, now)
    elif job.status == "FAILURE":
        tell(connection, "document.failed", job, now)


def tell(connection: Connection, kind: Event, job: Job | Row[Any], now: Any) -> None:
    """Record an event of a document, given as its job or the columns `TOLD` of it; due `now`."""
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
    emit(connection, job.tenant, kind, job.updated_at, data, now, job=job.id, options=job.options)


def emit(
    connection: Connection,
    tenant: str,
    kind: Event,
    at: datetime,
    data: dict[str, Any],
    now: Any,
    *,
    job: str | None = None,
    options: dict[str, Any] | None = None,
) -> None:
    """Record an event of `at` for each webhook of the tenant that is sent for its kind; due `now`.

    `data` must be small: it stands in the body. `job` is whose deletion removes it too, `options` are the options of the
    upload, which may name a webhook of its own.
    """
    named = (options or {}).get("webhook")
    own = select(webhooks.c.id, webhooks.c.events, webhooks.c.by_upload)
    found = connection.execute(
        own.where(webhooks.c.tenant == tenant, webhooks.c.disabled_at.is_(None))
    )
    wanted = [row for row in found if kind in row.events or row.id == named]
    if not wanted:
        return
    event, body = new_event(), written(kind, at, data)
    rows = [
        {
            "webhook": row.id,
            "event": event,
            "kind": kind,
            "job": job,
            "url": (options or {})["webhook_url"] if row.by_upload else None,
            "body": body,
        }
        for row in wanted
    ]
    due = {"state": "pending", "attempts": 0, "not_before": now, "created_at": now}
    connection.execute(insert(deliveries).values(due), rows)


def forget(connection: Connection, job_id: str) -> None:
    """Remove what tells of a document; part of its own deletion."""
    connection.execute(delete(deliveries).where(deliveries.c.job == job_id))


def new_event() -> str:
    """Return a new webhook-id; later ones are greater, so that a list is in order."""
    return f"msg_{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"


def written(kind: str, at: datetime, data: dict[str, Any]) -> str:
    """Return the body, as it is signed and sent."""
    told = {"type": kind, "timestamp": at.isoformat().replace("+00:00", "Z"), "data": data}
    return json.dumps(told, separators=(",", ":"))
