"""Documents: the list, one of them, its file and pictures; and deleting it."""

from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import StreamingResponse

from app import answers
from app.deps import CanRead, CanWrite, JobsDep, PicturesDep, TaskId
from app.description import problems
from app.errors import FieldError, InvalidOption
from app.filenames import attachment
from app.filters import FilterDep
from app.pictures import Width
from app.schemas import Document, DocumentList

router = APIRouter(prefix="/v1/documents", tags=["documents"])

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
PRIVATE = {"Cache-Control": "private, no-cache"}

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
        str | None, Query(max_length=200, description="`next` of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)] = PAGE_SIZE,
) -> Response:
    """Return documents, newest first; the header Link names the next page too.

    All that is asked for has to hold.
    """
    try:
        page = jobs.newest(caller.tenant, limit=limit, cursor=cursor, asked=asked.filter)
    except ValueError:
        error = FieldError("/cursor", "invalid", "`cursor` is none that this list gave.")
        raise InvalidOption([error]) from None
    body = {"documents": [answers.summary(job) for job in page.jobs], "next": page.next}
    headers = dict(PRIVATE)
    if page.next:
        query = urlencode({**asked.query, "limit": limit, "cursor": page.next})
        headers["Link"] = f'</v1/documents?{query}>; rel="next"'
    return Response(msgspec.json.encode(body), headers=headers, media_type="application/json")


@router.get(
    "/{task_id}",
    summary="Read a document",
    response_model=Document,
    responses=problems(401, 403, 404, 410, 503),
)
def document(task_id: TaskId, caller: CanRead, jobs: JobsDep) -> Response:
    """Return everything that is known of a document."""
    body = answers.record(jobs.get(caller.tenant, task_id))
    return Response(body, headers=PRIVATE, media_type="application/json")


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
