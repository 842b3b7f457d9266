"""Documents: the list, one of them, its file, pictures and words; what people do with it; deleting it."""

import re
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from anyio import to_thread
from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from app import answers
from app.deps import CanRead, CanWrite, DocumentsDep, JobsDep, PicturesDep, TaskId
from app.description import problems
from app.errors import (
    FieldError,
    InvalidOption,
    MalformedRequest,
    MissingIfMatch,
    NoEarlierReading,
    NoWords,
    RequestTooLarge,
)
from app.filenames import attachment
from app.filters import FilterDep
from app.pictures import Width
from app.schemas import Document, DocumentList, PageWords, Retry
from invoice_extraction.model.extraction import Extraction
from service import words
from service.documents import Documents, InvalidResult
from service.keys import Caller
from service.store.base import Decision, Job, Sort

router = APIRouter(prefix="/v1/documents", tags=["documents"])

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
PRIVATE = {"Cache-Control": "private, no-cache"}

MAX_PATCH = 500_000
"""Bytes of a correction."""

MERGE_PATCH = "application/merge-patch+json"
PATCH: dict[str, Any] = {
    "schema": {
        "type": "object",
        "description": "Fields of the result (/v1/schema) that change; `evidence`: where values stand.",
    },
    "example": {
        "invoice_number": "2026-0017",
        "seller": {"tax_id": None},
        "evidence": {"/invoice_number": {"page": 1, "boxes": [[0.71, 0.12, 0.86, 0.14]]}},
    },
}

IfMatch = Annotated[
    str | None,
    Header(description="The document's ETag, so that nothing else than what was seen counts."),
]

_TAG = re.compile(r'(?<![/\w])"(\d{1,9})"')
_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}


@router.get(
    "",
    summary="List documents",
    response_model=DocumentList,
    responses=problems(401, 403, 422, 503),
)
def documents(
    caller: CanRead,
    jobs: JobsDep,
    asked: FilterDep,
    cursor: Annotated[
        str | None, Query(max_length=400, description="`next` of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)] = PAGE_SIZE,
    sort: Annotated[
        Sort,
        Query(
            description="By the time of receipt, the first invoice's date, its seller, its gross total (in "
            "whichever currency); with `-` falling. Documents without it come last."
        ),
    ] = "-received",
) -> Response:
    """Return documents, newest first where no other order is asked for; the header Link names the next page too.

    All that is asked for has to hold.
    """
    try:
        page = jobs.newest(caller.tenant, limit=limit, cursor=cursor, asked=asked.filter, sort=sort)
    except ValueError:
        told = f"`cursor` is none that this list gave, sorted by {sort}."
        error = FieldError("/cursor", "invalid", told)
        raise InvalidOption([error]) from None
    body = {"documents": [answers.summary(job) for job in page.jobs], "next": page.next}
    headers = dict(PRIVATE)
    if page.next:
        order = {} if sort == "-received" else {"sort": sort}
        query = urlencode({**asked.query, **order, "limit": limit, "cursor": page.next})
        headers["Link"] = f'</v1/documents?{query}>; rel="next"'
    return Response(msgspec.json.encode(body), headers=headers, media_type="application/json")


@router.get(
    "/{task_id}",
    summary="Read a document",
    response_model=Document,
    responses=problems(401, 403, 404, 410, 503),
)
def document(task_id: TaskId, caller: CanRead, jobs: JobsDep, documents: DocumentsDep) -> Response:
    """Return everything that is known of a document; its ETag is what a change of it has to name."""
    return _told(jobs.get(caller.tenant, task_id), documents)


@router.delete(
    "/{task_id}",
    summary="Delete a document",
    status_code=204,
    responses=problems(401, 403, 404, 410, 503),
)
def delete(task_id: TaskId, caller: CanWrite, jobs: JobsDep) -> Response:
    """Delete everything of a document: its file, pictures and result; a running task is dropped."""
    jobs.delete(caller.tenant, task_id)
    return Response(status_code=204)


@router.patch(
    "/{task_id}/invoices/{invoice}",
    summary="Correct an invoice",
    response_model=Document,
    responses=problems(400, 401, 403, 404, 409, 410, 412, 413, 422, 428, 503),
    openapi_extra={"requestBody": {"required": True, "content": {MERGE_PATCH: PATCH}}},
)
async def correct(
    request: Request,
    task_id: TaskId,
    invoice: Annotated[int, Path(ge=1, le=100_000, description="Counted from 1.")],
    caller: CanWrite,
    documents: DocumentsDep,
    if_match: Annotated[
        str | None, Header(description="The document's ETag; `*` for whichever there is.")
    ] = None,
) -> Response:
    """Change the result of one of a document's invoices, by a JSON Merge Patch (RFC 7396).

    Lists are replaced whole; null is "not known". `evidence` tells by JSON Pointers (RFC 6901)
    where values stand, each a page and boxes as in `evidence` of the answer; null takes that back.
    The checks are made again, what was changed has the origin `person`, how the machine read it
    stays in `as_read`, and a decision is taken back.
    """
    if if_match is None:
        raise MissingIfMatch("The request has no If-Match.")
    patch = await _patch(request)

    def change() -> Response:
        try:
            job = documents.correct(
                caller.tenant,
                task_id,
                invoice,
                patch,
                key_id=caller.key_id,
                versions=_versions(if_match),
            )
        except InvalidResult as error:
            wrong = [FieldError(at, "invalid", f"{said}.") for at, said in error.wrong[:20]]
            raise InvalidOption(wrong) from None
        return _told(job, documents)

    return await to_thread.run_sync(change)


@router.post(
    "/{task_id}/confirm",
    summary="Confirm a document",
    response_model=Document,
    responses=problems(401, 403, 404, 409, 410, 412, 503),
)
def confirm(
    task_id: TaskId, caller: CanWrite, documents: DocumentsDep, if_match: IfMatch = None
) -> Response:
    """Say that what was read, or corrected, is right: nobody has to look at it any more."""
    return _decided("confirmed", task_id, caller, documents, if_match)


@router.post(
    "/{task_id}/reject",
    summary="Reject a document",
    response_model=Document,
    responses=problems(401, 403, 404, 409, 410, 412, 503),
)
def reject(
    task_id: TaskId, caller: CanWrite, documents: DocumentsDep, if_match: IfMatch = None
) -> Response:
    """Say that the document is not to be used; it is kept."""
    return _decided("rejected", task_id, caller, documents, if_match)


@router.post(
    "/{task_id}/reopen",
    summary="Reopen a document",
    response_model=Document,
    responses=problems(401, 403, 404, 409, 410, 412, 503),
)
def reopen(
    task_id: TaskId, caller: CanWrite, documents: DocumentsDep, if_match: IfMatch = None
) -> Response:
    """Take the decision back: the document needs a look where its checks say so."""
    versions = _versions(if_match)
    job = documents.reopen(caller.tenant, task_id, key_id=caller.key_id, versions=versions)
    return _told(job, documents)


@router.post(
    "/{task_id}/retry",
    summary="Read a document again",
    status_code=202,
    response_model=Document,
    responses=problems(401, 403, 404, 409, 410, 422, 503),
)
def retry(
    request: Request,
    task_id: TaskId,
    caller: CanWrite,
    documents: DocumentsDep,
    asked: Retry | None = None,
) -> Response:
    """Let a document be read again, by another engine where `engine` names one.

    Its result is gone from it, and kept as the earlier reading in place of the one before. Not
    while it is on its way, nor after it was confirmed.
    """
    options = asked.model_dump(exclude_none=True) if asked else {}
    limited: bool = request.state.limited
    job = documents.retry(caller.tenant, task_id, options, key_id=caller.key_id, limited=limited)
    return _told(job, documents, 202)


@router.post(
    "/{task_id}/cancel",
    summary="Cancel a document",
    response_model=Document,
    responses=problems(401, 403, 404, 409, 410, 503),
)
def cancel(task_id: TaskId, caller: CanWrite, documents: DocumentsDep) -> Response:
    """End a document that is still on its way: it is REVOKED, and its file is kept."""
    job = documents.cancel(caller.tenant, task_id, key_id=caller.key_id)
    return _told(job, documents)


@router.get(
    "/{task_id}/earlier",
    summary="Read what a document said before",
    response_model=Extraction,
    responses=problems(401, 403, 404, 410, 503),
)
def earlier(task_id: TaskId, caller: CanRead, jobs: JobsDep, documents: DocumentsDep) -> Response:
    """Return what was read, or corrected, of a document before it was read again last."""
    found = documents.earlier(jobs.get(caller.tenant, task_id))
    if found is None:
        raise NoEarlierReading("The document was not read again.")
    return Response(found, headers=PRIVATE, media_type="application/json")


@router.get(
    "/{task_id}/file",
    summary="Download the file",
    response_class=Response,
    responses=problems(401, 403, 404, 410, 503)
    | {200: {"content": {"application/octet-stream": _BINARY}}},
)
def file(task_id: TaskId, caller: CanRead, jobs: JobsDep) -> Response:
    """Return the file that was sent, as an attachment; never as a type that a browser would open."""
    job, pieces = jobs.file(caller.tenant, task_id)
    headers = PRIVATE | {
        "Content-Disposition": attachment(job.filename),
        "Content-Length": str(job.size),
    }
    return StreamingResponse(pieces, headers=headers, media_type="application/octet-stream")


@router.get(
    "/{task_id}/pages/{page}.webp",
    summary="Look at a page",
    response_class=Response,
    responses=problems(401, 403, 404, 410, 422, 503) | {200: {"content": {"image/webp": _BINARY}}},
)
async def picture(
    task_id: TaskId,
    page: Annotated[int, Path(le=100_000, description="Counted from 1.")],
    caller: CanRead,
    pictures: PicturesDep,
    width: Annotated[Width, Query(description="Pixels across.")] = Width.SCREEN,
) -> Response:
    """Return the picture of a page; the first call draws it.

    An e-invoice without pages of its own is drawn as a sheet; the header Link names its next page.
    """
    shown = await pictures.get(caller.tenant, task_id, page, width)
    # a page never changes; private, and not for long, because a document can be deleted
    headers = {"Cache-Control": "private, max-age=3600"}
    if shown.has_next:
        following = f"/v1/documents/{task_id}/pages/{page + 1}.webp?width={int(width)}"
        headers["Link"] = f'<{following}>; rel="next"'
    return Response(shown.data, headers=headers, media_type="image/webp")


@router.get(
    "/{task_id}/pages/{page}/words",
    summary="Read the words of a page",
    response_model=PageWords,
    responses=problems(401, 403, 404, 410, 422, 503),
)
def page_words(
    task_id: TaskId,
    page: Annotated[int, Path(ge=1, le=100_000, description="Counted from 1.")],
    caller: CanRead,
    documents: DocumentsDep,
) -> Response:
    """Return the words of a page with their boxes, as they were found when the document was read."""
    kept = documents.words(caller.tenant, task_id)
    found = None if kept is None else words.of_page(kept, page)
    if found is None:
        raise NoWords(f"No words of page {page} are kept.")
    return Response(found, headers=PRIVATE, media_type="application/json")


def _decided(
    decision: Decision, task_id: str, caller: Caller, documents: Documents, if_match: str | None
) -> Response:
    job = documents.decide(
        caller.tenant,
        task_id,
        decision,
        key_id=caller.key_id,
        versions=_versions(if_match),
    )
    return _told(job, documents)


def _told(job: Job, documents: Documents, status: int = 200) -> Response:
    body = answers.record(job, documents.history(job))
    headers = PRIVATE | {"ETag": f'"{job.version}"'}
    return Response(body, status, headers=headers, media_type="application/json")


def _versions(if_match: str | None) -> frozenset[int] | None:
    """Return the versions that an If-Match names (RFC 9110, 13.1.1), None for any; weak tags name none."""
    if if_match is None or if_match.strip() == "*":
        return None
    return frozenset(map(int, _TAG.findall(if_match)))


async def _patch(request: Request) -> dict[str, Any]:
    """Return the body as JSON, of no more than MAX_PATCH bytes.

    Raises:
        RequestTooLarge: It has more.
        MalformedRequest: It is no JSON.
        InvalidOption: It is no object.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_PATCH:
            raise RequestTooLarge(f"A patch may have {MAX_PATCH:,} bytes.")
    try:
        # what it refuses, as half a character, could be kept and never be told again
        patch = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        raise MalformedRequest("The body is no JSON.") from None
    if not isinstance(patch, dict):
        raise InvalidOption([FieldError("", "invalid", "A merge patch is a JSON object.")])
    return patch
