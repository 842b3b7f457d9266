"""Tasks as they go on: a stream of what becomes of them (SSE), and those of one upload together."""

import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, islice, takewhile
from typing import Annotated, get_args

import msgspec
from anyio import to_thread
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event

from app import answers
from app.deps import BatchId, CanRead, ChangesDep, ConfirmDep, FeedDep, TaskIds, get_batch_id
from app.description import problems
from app.errors import FieldError, InvalidOption
from app.feed import Ended, Feed
from app.schemas import Batch
from service.errors import Expired, ServiceError, UnknownBatch, UnknownTask
from service.store.base import Status
from service.store.changes import FIRST, Change, Changes, Place

router = APIRouter(prefix="/v1", tags=["events"])

HEARTBEAT = 15.0
"""Seconds of silence after which a stream gives a sign of life, so that no proxy takes it for dead."""

TICK = 3.0
"""Seconds after which an idle stream asks whether its key still holds, and its caller is still there."""

PIECE = 500
"""How many changes are sent at a time to somebody who was away."""

_BEHIND = "g"
"""Stands behind every task's id, which is hexadecimal."""

_TASK = re.compile(r"[0-9a-f]{32}|g")

_EVENT = {
    "type": "object",
    "required": ["event", "data"],
    "properties": {
        "event": {"enum": ["status", "progress", "done", "deleted", "end"]},
        "id": {"type": "string"},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
}
"""What a stream is made of, as OpenAPI 3.2 says it."""

HEADERS = {
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx would hold events back
}


@router.get(
    "/events",
    summary="Follow tasks",
    response_class=Response,
    responses=problems(401, 403, 404, 422, 503)
    | {
        200: {"content": {"text/event-stream": {"itemSchema": _EVENT}}},
        204: {"description": "All tasks are final, and the caller was told of it."},
    },
)
async def events(
    request: Request,
    caller: CanRead,
    changes: ChangesDep,
    feed: FeedDep,
    confirm: ConfirmDep,
    task_ids: TaskIds,
    batch: Annotated[str | None, Query(description="The `batch_id` of an upload.")] = None,
    last_event_id: Annotated[
        str | None, Header(description="The `id` of the last event that was seen.")
    ] = None,
) -> Response:
    """Stream what becomes of some tasks, of an upload's, or of all; an event says how a task stands now.

    `status`: it waits or has begun; `progress`: it is being read; `done`: it is final; `deleted`. A stream of
    some tasks begins with how each stands and ends with `end` when all are final; who asks again is answered
    204. One of all begins behind Last-Event-ID, or else with what comes.
    """
    if task_ids and batch:
        error = FieldError("/batch", "invalid", "`batch` cannot be sent with `task_ids`.")
        raise InvalidOption([error])
    place = _place(last_event_id)
    chosen = None
    if task_ids:
        chosen = await to_thread.run_sync(changes.of_tasks, caller.tenant, task_ids)
        if len(chosen) < len(task_ids):
            raise UnknownTask("There is no task with one of these ids.")
    elif batch:
        batch = await get_batch_id(batch)
        chosen = await to_thread.run_sync(changes.of_batch, caller.tenant, batch)
        if not chosen:
            raise UnknownBatch("There is no upload with this id.")
    if chosen and place and all(one.is_final and one.place <= place for one in chosen):
        return Response(status_code=204)
    if request.scope.get("head"):
        return Response(headers=HEADERS, media_type="text/event-stream")
    ids = None if chosen is None else {change.id for change in chosen}

    async def confirmed() -> bool:
        await confirm()
        return not await request.is_disconnected()

    stream = _stream(feed, changes, caller.tenant, ids, place, confirmed)
    return StreamingResponse(stream, headers=HEADERS, media_type="text/event-stream")


@router.get(
    "/batches/{batch_id}",
    summary="Read an upload",
    response_model=Batch,
    responses=problems(401, 403, 404, 410, 503),
)
def batch(batch_id: BatchId, caller: CanRead, changes: ChangesDep) -> Response:
    """Return the documents that were sent in one request, and how many are in which state."""
    found = changes.of_batch(caller.tenant, batch_id)
    if not found:
        raise UnknownBatch("There is no upload with this id.")
    kept = [change for change in found if change.deleted_at is None]
    if not kept:
        raise Expired("All documents of this upload were deleted.")
    kept.sort(key=lambda change: (change.created_at, change.id))
    final = all(change.is_final for change in kept)
    body = {
        "batch_id": batch_id,
        "final": final,
        "documents": len(kept),
        "deleted": len(found) - len(kept),
        "needs_review": sum(bool(change.needs_review) for change in kept),
        "counts": dict.fromkeys(get_args(Status), 0) | Counter(one.status for one in kept),
        "created_at": kept[0].created_at,
        "finished_at": max(one.finished_at or one.updated_at for one in kept) if final else None,
        "tasks": [answers.change(change) for change in kept],
    }
    headers = {"Cache-Control": "private, no-cache"}
    return Response(msgspec.json.encode(body), headers=headers, media_type="application/json")


async def _stream(
    feed: Feed,
    changes: Changes,
    tenant: str,
    ids: set[str] | None,
    place: Place | None,
    confirmed: Callable[[], Awaitable[bool]],
) -> AsyncIterator[bytes]:
    """Yield the events of some tasks, None for all of the tenant, from a place on, None for now.

    `confirmed` says whether there is still somebody to tell, and raises InvalidKey where it is not allowed.
    """
    try:
        async with feed.follow(tenant) as follower:
            told: dict[str, int] = {}
            now = (follower.since, _BEHIND)
            telling = _Telling(place or (now if ids is None else FIRST), set(ids or ()))
            if ids is None:
                # of a stream that is cut before its first event it is known too from where to go on
                yield format_sse_event(id=_id(telling.place))
            async for missed in _missed(changes, tenant, ids, place):
                told = {change.id: change.version for change in missed}
                yield telling.events(missed)
            silent = 0.0
            while ids is None or telling.running:
                found = await follower.next(TICK)
                if not await confirmed():
                    return
                new = [
                    change
                    for change in found
                    if (ids is None or change.id in ids) and told.get(change.id) != change.version
                ]
                silent = 0.0 if new else silent + TICK
                if new:
                    yield telling.events(new)
                elif silent >= HEARTBEAT:
                    silent = 0.0
                    yield KEEPALIVE_COMMENT
            yield format_sse_event(event="end", data_str="{}")
    except (Ended, ServiceError):
        return  # the key was revoked, or the database is away: who comes again is told


async def _missed(
    changes: Changes, tenant: str, ids: set[str] | None, place: Place | None
) -> AsyncIterator[list[Change]]:
    """Yield what a new stream begins with, piece by piece."""
    if ids is not None:
        yield await to_thread.run_sync(changes.of_tasks, tenant, ids)
    elif place is not None:
        late = changes.around(tenant, place[0])
        rest = chain(changes.after(tenant, place), takewhile(lambda one: one.place < place, late))
        while some := await to_thread.run_sync(_next, rest):
            yield some


def _next(changes: Iterator[Change]) -> list[Change]:
    return list(islice(changes, PIECE))


class _Telling:
    """What a stream has told: `place` is how far it is, `running` are the tasks that are not final."""

    def __init__(self, place: Place, running: set[str]) -> None:
        self.place = place
        self.running = running

    def events(self, changes: list[Change]) -> bytes:
        """Return the events of some changes, as they are sent."""
        return b"".join(self._event(change) for change in changes)

    def _event(self, change: Change) -> bytes:
        if change.is_final:
            self.running.discard(change.id)
        else:
            self.running.add(change.id)
        # what comes late has no id: who comes again goes on from the farthest place
        further = change.place > self.place
        self.place = max(self.place, change.place)
        data = msgspec.json.encode(answers.change(change)).decode()
        event_id = _id(change.place) if further else None
        return format_sse_event(event=_kind(change), data_str=data, id=event_id)


def _kind(change: Change) -> str:
    if change.deleted_at is not None:
        return "deleted"
    if change.is_final:
        return "done"
    return "progress" if change.progress else "status"


def _id(place: Place) -> str:
    instant, task = place
    return f"{instant.astimezone(UTC).isoformat().replace('+00:00', 'Z')}/{task}"


def _place(last_event_id: str | None) -> Place | None:
    """Return the place that an event's id stands for; None where there is none.

    Raises:
        InvalidOption: It is none of ours.
    """
    if not last_event_id:
        return None
    try:
        stamp, _, task = last_event_id.partition("/")
        found = datetime.fromisoformat(stamp)
    except ValueError:
        found = None
    if found is None or found.utcoffset() != timedelta(0) or not _TASK.fullmatch(task):
        error = FieldError("/Last-Event-ID", "invalid", "`Last-Event-ID` is no id of an event.")
        raise InvalidOption([error])
    return found, task
