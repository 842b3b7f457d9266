"""Exports: one document, chosen ones, or all that a filter finds, as a file for another program."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Annotated, Any

from anyio import CancelScope, to_thread
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from app.deps import CanRead, JobsDep, KeysDep, TaskId
from app.description import problems
from app.errors import FieldError, InvalidOption
from app.filenames import attachment
from app.filters import FilterDep
from app.rates import address
from invoice_extraction.export import FORMATS, Entry, Format
from invoice_extraction.model.extraction import Extraction
from service.errors import Conflict
from service.jobs import Jobs
from service.keys import Caller, Keys
from service.limits import Turns
from service.store.base import Filter, Job

router = APIRouter(prefix="/v1", tags=["exports"])

OFFERED = {name: form for name, form in FORMATS.items() if form.many}
"""Those that can hold several documents."""

AT_A_TIME = 2
"""Exports of several documents that a caller may have under way in a process; each takes a core's time."""

MAX_CHOSEN = 500

_PRIVATE = {"Cache-Control": "private, no-cache"}
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "content": {
            form.media_type: _BINARY for form in OFFERED.values() if form is not FORMATS["json"]
        },
    }
}


class ExportedDocument(Extraction):
    """One document among several: whose extraction it is, and the extraction."""

    task_id: str
    filename: str
    reference: str | None
    received_at: datetime


async def get_format(
    name: Annotated[
        str,
        Query(
            alias="format",
            description="json; csv: a row for each invoice; lines: CSV too, a row for each line of an "
            "invoice; xlsx: a workbook with invoices, lines, taxes and failed checks.",
            json_schema_extra={"enum": list(OFFERED)},
        ),
    ] = "json",
) -> Format:
    """Return the format that is asked for."""
    if name not in OFFERED:
        detail = f"`format` is none of: {', '.join(OFFERED)}."
        raise InvalidOption([FieldError("/format", "invalid", detail)])
    return OFFERED[name]


FormatDep = Annotated[Format, Depends(get_format)]


@router.get(
    "/documents/{task_id}/export",
    summary="Export a document",
    response_model=Extraction,
    responses=problems(401, 403, 404, 409, 410, 422, 503) | _FILES,
)
def export_document(task_id: TaskId, caller: CanRead, jobs: JobsDep, form: FormatDep) -> Response:
    """Return a document's invoices as a file; JSON is its extraction, with all that proves it."""
    job = jobs.get(caller.tenant, task_id)
    if job.extraction is None:
        raise Conflict(f"The document is {job.status} and has no result to export.")
    name = f"{job.filename.rpartition('.')[0] or job.filename}.{form.extension}"
    return Response(form.write(_entry(job)), headers=_headers(name), media_type=form.media_type)


@router.get(
    "/export",
    summary="Export documents",
    response_model=list[ExportedDocument],
    responses=problems(401, 403, 404, 410, 422, 429, 503) | _FILES,
)
def export(
    request: Request,
    caller: CanRead,
    jobs: JobsDep,
    keys: KeysDep,
    form: FormatDep,
    asked: FilterDep,
    task_ids: Annotated[
        str | None,
        Query(
            max_length=33 * MAX_CHOSEN,
            pattern="^[0-9a-f]{32}(,[0-9a-f]{32})*$",
            description=f"Chosen documents, up to {MAX_CHOSEN} ids with commas between them; without it, "
            "all that the filter finds, newest first.",
        ),
    ] = None,
) -> Response:
    """Return the invoices of several documents as one file, sent while it is written.

    Documents without a result are left out. A connection that breaks off before the end has no whole file.
    """
    if task_ids is not None and asked.query:
        detail = "`task_ids` chooses documents, so a filter cannot be sent with it."
        raise InvalidOption([FieldError("/task_ids", "invalid", detail)])
    found = (
        _found(jobs, caller.tenant, asked.filter)
        if task_ids is None
        else _chosen(jobs, caller.tenant, task_ids)
    )
    with ExitStack() as stack:
        if request.state.limited:
            turns: Turns = request.app.state.exports
            stack.enter_context(turns.hold(caller.key_id or address(request.scope)))
        pieces = stack.enter_context(closing(form.write_all(_entries(found, keys, caller))))
        # what cannot even begin is told as an error; later there is no other way than to break off
        first = next(pieces)
        held = stack.pop_all()
    whole, name = chain([first], pieces), f"invoices.{form.extension}"
    answer = _Answer(whole, headers=_headers(name), media_type=form.media_type)
    answer.held = held
    return answer


class _Answer(StreamingResponse):
    """What is sent piece by piece; what was `held` for it is given back however it ends."""

    held: ExitStack

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; a caller who has gone away ends it too."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            with CancelScope(shield=True):
                await to_thread.run_sync(self.held.close)


def _found(jobs: Jobs, tenant: str, asked: Filter) -> Iterator[Job]:
    """Return those documents that the filter finds and that have a result."""
    if asked.status not in {None, "SUCCESS"}:
        detail = "`status`: only documents that are SUCCESS have something to export."
        raise InvalidOption([FieldError("/status", "invalid", detail)])
    return jobs.each(tenant, replace(asked, status="SUCCESS"))


def _chosen(jobs: Jobs, tenant: str, task_ids: str) -> Iterator[Job]:
    """Return the documents with these ids, in their order.

    Raises:
        UnknownTask, Expired: One of them is not, or no longer, a document of the tenant.
    """
    ids = task_ids.split(",")
    kept = jobs.store.kept(tenant, ids)
    for job_id in ids:
        if job_id not in kept:
            jobs.get(tenant, job_id)  # says why
    return (jobs.get(tenant, job_id) for job_id in dict.fromkeys(ids))


def _entries(found: Iterator[Job], keys: Keys, caller: Caller) -> Iterator[Entry]:
    """Return what there is to write, as long as the caller may read it."""
    for job in found:
        keys.confirm(caller)
        if job.extraction is not None:
            yield _entry(job)


def _entry(job: Job) -> Entry:
    if job.extraction is None:
        raise ValueError("the job has no result")
    return Entry(
        extraction=job.extraction,
        filename=job.filename,
        task_id=job.id,
        reference=job.reference,
        received_at=job.created_at,
    )


def _headers(name: str) -> dict[str, str]:
    return _PRIVATE | {"Content-Disposition": attachment(name)}
