"""The product's contract: send invoices, read what came of them."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Header, Query, Request, Response

from app import answers
from app.deps import (
    CanRead,
    CanWrite,
    ConfirmDep,
    JobsDep,
    NamesDep,
    ReaderDep,
    ServicesDep,
    TaskId,
    TurnsDep,
    WatcherDep,
)
from app.description import problems
from app.idempotency import REPLAYED, Sending, begun
from app.names import Names
from app.rates import address
from app.reader import Reader
from app.schemas import Accepted, TaskStatus
from app.submission import (
    ENGINE_NAMES,
    MAX_REFERENCE,
    PASSWORD,
    SCHEMA,
    WEBHOOK_URL,
    submission,
)
from app.uploads import FILES, receiving
from service.jobs import Jobs
from service.keys import Caller
from service.store.base import Job
from service.wiring import Services

router = APIRouter(tags=["invoices"])

MAX_WAIT = 30.0
"""Seconds that a call may be held."""

FORM: dict[str, Any] = {
    "type": "object",
    "required": [FILES],
    "properties": {
        FILES: {
            "type": "array",
            "items": {"type": "string", "format": "binary"},
            "minItems": 1,
            "description": "The invoices: PDF, PNG, JPEG, WebP, TIFF, HEIC, GIF, BMP, or an e-invoice in XML.",
        },
        "engine": {
            "type": "string",
            "enum": list(ENGINE_NAMES),
            "description": "Which engine reads them; auto when it is not sent. consensus lets the model "
            "and the local engine both read, and compares them.",
        },
        "fallback": {
            "type": "boolean",
            "description": "True: where the model cannot answer, the next one of LLM_FALLBACKS is asked, "
            "then the local engine; `attempts` tells it.",
        },
        "force": {
            "type": "boolean",
            "description": "True: the model is asked again though its answer about this file is kept.",
        },
        SCHEMA: {
            "type": "string",
            "contentMediaType": "application/json",
            "description": "Own fields to read too, as a JSON Schema of an object; they come back in "
            "`custom`.",
        },
        "pages": {
            "type": "string",
            "description": "Which pages of each file to read, as `1-3,5` or `4-`.",
        },
        "language": {
            "type": "string",
            "description": "The documents' language as a hint, as `de` or `pt-BR`.",
        },
        "combine": {
            "type": "boolean",
            "description": "True: all files are pictures, the pages of one document in their order; "
            "the answer has one entry.",
        },
        PASSWORD: {
            "type": "string",
            "format": "password",
            "description": "Opens the PDFs that are locked. It is not kept: what is kept is the file "
            "without its lock.",
        },
        "reference": {
            "type": "string",
            "maxLength": MAX_REFERENCE,
            "description": "Your own reference, given back with the document.",
        },
        "metadata": {
            "type": "string",
            "contentMediaType": "application/json",
            "description": "Any JSON of yours, given back with the document.",
        },
        WEBHOOK_URL: {
            "type": "string",
            "format": "uri",
            "description": "Where the events of these documents are sent, beside the webhooks there are.",
        },
    },
    "additionalProperties": False,
}


@router.post(
    "/extract-invoice",
    status_code=202,
    summary="Send invoices",
    response_model=list[Accepted],
    responses=problems(400, 401, 403, 409, 413, 415, 422, 429, 503, 507),
    openapi_extra={
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": FORM}}}
    },
)
async def extract_invoice(
    request: Request,
    caller: CanWrite,
    services: ServicesDep,
    reader: ReaderDep,
    turns: TurnsDep,
    names: NamesDep,
    idempotency_key: Annotated[
        str | None,
        Header(
            description="Up to 255 visible characters of your own, new for each new request. The same "
            "request sent again with it, because its answer got lost, is carried out once."
        ),
    ] = None,
) -> Response:
    """Accept one or more files; the answer has an entry for each, in their order.

    A file that cannot be read at all gets its own entry with status FAILURE and the reason, and does not
    touch the others. When this answers, files and tasks are on disk.
    """
    limited: bool = request.state.limited
    with turns.hold(caller.key_id or address(request.scope)) if limited else nullcontext():
        if limited:
            await to_thread.run_sync(services.store.check_share, caller.tenant, services.jobs.share)
        async with begun(services.idempotency, caller, idempotency_key) as sending:
            return await _accepted(request, caller, services, reader, names, sending)


async def _accepted(
    request: Request,
    caller: Caller,
    services: Services,
    reader: Reader,
    names: Names,
    sending: Sending,
) -> Response:
    """Receive the form and carry it out, or answer as it was answered before."""
    jobs, settings = services.jobs, services.settings
    async with receiving(
        request,
        partial(jobs.receive, caller.tenant),
        max_bytes=settings.max_request_size,
        max_files=settings.max_files,
    ) as form:
        known = sending.sent(form)
        if known is not None:
            await to_thread.run_sync(form.abort)
            found = await to_thread.run_sync(_sent_before, jobs, caller.tenant, known)
            return _answer(found, replayed=True)
        asked = submission(
            caller,
            form.fields,
            request.state.request_id,
            limited=request.state.limited,
            once=sending.once,
        )
        if url := form.fields.get(WEBHOOK_URL, "").strip():
            named = await names.run(partial(services.webhooks.name, caller.tenant, url))
            options = asked.options | {"webhook": named, WEBHOOK_URL: url}
            asked = replace(asked, options=options)
        if password := form.fields.get(PASSWORD):
            await reader.unlock(form.files, password)
        created = await to_thread.run_sync(jobs.submit, form.files, asked)
    return _answer(created)


def _answer(jobs: list[Job], *, replayed: bool = False) -> Response:
    """Return the answer to an upload; the header Location is where its files are followed together."""
    headers = dict(REPLAYED) if replayed else {}
    if batch := jobs[0].batch:
        headers["Location"] = f"/v1/batches/{batch}"
    return Response(answers.accepted(jobs), 202, headers, media_type="application/json")


def _sent_before(jobs: Jobs, tenant: str, ids: tuple[str, ...]) -> list[Job]:
    """Return the jobs as they were when they were sent: only what was refused at the door had its end.

    Raises:
        Expired: One of them was deleted.
    """
    return [_as_sent(jobs.get(tenant, job_id)) for job_id in ids]


def _as_sent(job: Job) -> Job:
    if job.status == "FAILURE" and job.attempts == 0:
        return job
    # that it holds the same invoice as another was seen when it was read
    twin = job.duplicate_of if job.duplicate_reason == "same_file" else None
    return replace(job, status="PENDING", error=None, duplicate_of=twin)


@router.get(
    "/status/{task_id}",
    summary="Read a task",
    response_model=TaskStatus,
    responses=problems(401, 403, 404, 410, 422, 503)
    | {304: {"description": "It is as the caller knows it."}},
)
async def status(
    task_id: TaskId,
    caller: CanRead,
    jobs: JobsDep,
    watcher: WatcherDep,
    confirm: ConfirmDep,
    wait: Annotated[
        float,
        Query(
            ge=0,
            le=MAX_WAIT,
            allow_inf_nan=False,
            description="Seconds to hold the call, until the task is final (or, with If-None-Match, "
            "is no more what the caller knows).",
        ),
    ] = 0,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Return a task; its `result` once it is SUCCESS. Reading never consumes.

    Until the task is final, Retry-After says when to ask again.
    """
    job = await to_thread.run_sync(jobs.get, caller.tenant, task_id)
    if wait and not job.is_final and (if_none_match is None or _knows(if_none_match, job)):
        await watcher.wait(job.id, job.version if if_none_match else None, wait)
        await confirm()
        job = await to_thread.run_sync(jobs.get, caller.tenant, task_id)
    headers = {"ETag": _etag(job), "Cache-Control": "private, no-cache"}
    if not job.is_final:
        headers["Retry-After"] = str(_pause(job))
    if if_none_match is not None and _knows(if_none_match, job):
        return Response(status_code=304, headers=headers)
    return Response(answers.status(job), headers=headers, media_type="application/json")


def _etag(job: Job) -> str:
    return f'"{job.version}"'


def _knows(if_none_match: str, job: Job) -> bool:
    """Return whether the caller names this version; compared weakly (RFC 9110, 13.1.2)."""
    known = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in known or _etag(job) in known


def _pause(job: Job) -> int:
    """Return the seconds until it is worth asking again: more, the longer the task has lasted."""
    age = (datetime.now(UTC) - job.created_at).total_seconds()
    return 1 if age < 10 else 2 if age < 60 else 5
