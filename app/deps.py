"""What routes depend on; all `async`, so that none of it takes a thread."""

import re
from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated

from anyio import to_thread
from fastapi import Depends, Path, Request

from app.errors import ForbiddenScope
from app.pictures import Pictures
from app.reader import Reader
from app.watch import Watcher
from service.documents import Documents
from service.errors import UnknownTask
from service.jobs import Jobs
from service.keys import Caller, Keys, Scope
from service.limits import Turns
from service.webhooks import Webhooks
from service.wiring import Services

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


async def get_task_id(
    task_id: Annotated[str, Path(description="The task_id that POST /extract-invoice answered.")],
) -> str:
    """Return the id of a task; what cannot be one of ours is unknown, and no question to the database.

    Raises:
        UnknownTask: It is no id of ours.
    """
    return known(task_id)


def known(task_id: str) -> str:
    """Return the id, as `get_task_id` does."""
    if not _ID.fullmatch(task_id):
        raise UnknownTask("There is no task with this id.")
    return task_id


ServicesDep = Annotated[Services, Depends(get_services)]
DocumentsDep = Annotated[Documents, Depends(get_documents)]
JobsDep = Annotated[Jobs, Depends(get_jobs)]
WatcherDep = Annotated[Watcher, Depends(get_watcher)]
ReaderDep = Annotated[Reader, Depends(get_reader)]
PicturesDep = Annotated[Pictures, Depends(get_pictures)]
ConfirmDep = Annotated[Callable[[], Awaitable[None]], Depends(get_confirmation)]
TurnsDep = Annotated[Turns, Depends(get_turns)]
KeysDep = Annotated[Keys, Depends(get_keys)]
WebhooksDep = Annotated[Webhooks, Depends(get_webhooks)]
CanRead = Annotated[Caller, Depends(needs("read"))]
CanWrite = Annotated[Caller, Depends(needs("write"))]
CanAdmin = Annotated[Caller, Depends(needs("admin"))]
TaskId = Annotated[str, Depends(get_task_id)]
