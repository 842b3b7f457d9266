"""What routes depend on; all `async`, so that none of it takes a thread."""

import re
from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated

from anyio import to_thread
from fastapi import Depends, Path, Query, Request

from app.errors import FieldError, ForbiddenScope, InvalidOption
from app.feed import Feed
from app.names import Names
from app.pictures import Pictures
from app.reader import Reader
from app.watch import Watcher
from service.documents import Documents
from service.errors import UnknownBatch, UnknownTask
from service.jobs import Jobs
from service.keys import Caller, Keys, Scope
from service.limits import Turns
from service.store.changes import Changes
from service.webhooks import Webhooks
from service.wiring import Services

MAX_TASKS = 100
"""Tasks that can be followed by their ids in one call."""

_ID = re.compile(r"[0-9a-f]{32}")


async def get_services(request: Request) -> Services:
    """Return the service built at start."""
    services: Services = request.app.state.services
    return services


async def get_jobs(request: Request) -> Jobs:
    """Return the use cases."""
    jobs: Jobs = request.app.state.services.jobs
    return jobs


async def get_documents(request: Request) -> Documents:
    """Return what people do with documents."""
    documents: Documents = request.app.state.services.documents
    return documents


async def get_watcher(request: Request) -> Watcher:
    """Return the watcher of this process."""
    watcher: Watcher = request.app.state.watcher
    return watcher


async def get_feed(request: Request) -> Feed:
    """Return the feed of this process."""
    feed: Feed = request.app.state.feed
    return feed


async def get_changes(request: Request) -> Changes:
    """Return how tasks stand."""
    changes: Changes = request.app.state.services.changes
    return changes


async def get_pictures(request: Request) -> Pictures:
    """Return the maker of pages' pictures."""
    pictures: Pictures = request.app.state.pictures
    return pictures


async def get_reader(request: Request) -> Reader:
    """Return the page reader of this process."""
    reader: Reader = request.app.state.reader
    return reader


def needs(scope: Scope) -> Callable[[Request], Coroutine[None, None, Caller]]:
    """Return the dependency that gives the caller, who must have the scope."""

    async def get_caller(request: Request) -> Caller:
        caller: Caller = request.state.caller
        if scope not in caller.scopes:
            raise ForbiddenScope(f"The key has not the scope `{scope}`.")
        return caller

    return get_caller


async def get_confirmation(request: Request) -> Callable[[], Awaitable[None]]:
    """Return a function to call after a wait: it raises InvalidKey where the key was revoked meanwhile."""
    caller: Caller = request.state.caller
    keys: Keys = request.app.state.services.keys

    async def confirm() -> None:
        await to_thread.run_sync(keys.confirm, caller)

    return confirm


async def get_turns(request: Request) -> Turns:
    """Return the uploads of this process."""
    turns: Turns = request.app.state.turns
    return turns


async def get_keys(request: Request) -> Keys:
    """Return the service's keys."""
    keys: Keys = request.app.state.services.keys
    return keys


async def get_webhooks(request: Request) -> Webhooks:
    """Return the webhooks' use cases."""
    webhooks: Webhooks = request.app.state.services.webhooks
    return webhooks


async def get_names(request: Request) -> Names:
    """Return what looks up names in this process."""
    names: Names = request.app.state.names
    return names


async def get_task_id(
    task_id: Annotated[str, Path(description="The task_id that POST /extract-invoice answered.")],
) -> str:
    """Return the id of a task; what cannot be one of ours is unknown, and no question to the database.

    Raises:
        UnknownTask: It is no id of ours.
    """
    if not _ID.fullmatch(task_id):
        raise UnknownTask("There is no task with this id.")
    return task_id


async def get_task_ids(
    task_ids: Annotated[
        str, Query(description=f"Ids of up to {MAX_TASKS} tasks, with commas between them.")
    ] = "",
) -> frozenset[str]:
    """Return the ids of tasks; empty where none are given.

    Raises:
        UnknownTask: One of them is no id of ours.
        InvalidOption: They are too many.
    """
    found = frozenset(task_ids.split(",")) if task_ids else frozenset()
    if len(found) > MAX_TASKS:
        detail = f"`task_ids` names more than {MAX_TASKS} tasks."
        raise InvalidOption([FieldError("/task_ids", "too_long", detail)])
    if not all(_ID.fullmatch(one) for one in found):
        raise UnknownTask("There is no task with one of these ids.")
    return found


async def get_batch_id(
    batch_id: Annotated[str, Path(description="The `batch_id` of a task.")],
) -> str:
    """Return the id of an upload; what cannot be one of ours is unknown, and no question to the database.

    Raises:
        UnknownBatch: It is no id of ours.
    """
    if not _ID.fullmatch(batch_id):
        raise UnknownBatch("There is no upload with this id.")
    return batch_id


ServicesDep = Annotated[Services, Depends(get_services)]
DocumentsDep = Annotated[Documents, Depends(get_documents)]
JobsDep = Annotated[Jobs, Depends(get_jobs)]
WatcherDep = Annotated[Watcher, Depends(get_watcher)]
FeedDep = Annotated[Feed, Depends(get_feed)]
ChangesDep = Annotated[Changes, Depends(get_changes)]
ReaderDep = Annotated[Reader, Depends(get_reader)]
PicturesDep = Annotated[Pictures, Depends(get_pictures)]
ConfirmDep = Annotated[Callable[[], Awaitable[None]], Depends(get_confirmation)]
TurnsDep = Annotated[Turns, Depends(get_turns)]
KeysDep = Annotated[Keys, Depends(get_keys)]
NamesDep = Annotated[Names, Depends(get_names)]
WebhooksDep = Annotated[Webhooks, Depends(get_webhooks)]
CanRead = Annotated[Caller, Depends(needs("read"))]
CanWrite = Annotated[Caller, Depends(needs("write"))]
CanAdmin = Annotated[Caller, Depends(needs("admin"))]
TaskId = Annotated[str, Depends(get_task_id)]
TaskIds = Annotated[frozenset[str], Depends(get_task_ids)]
BatchId = Annotated[str, Depends(get_batch_id)]
