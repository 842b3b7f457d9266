"""What becomes of tasks, as it happens: one look at the database for all who follow those of a tenant."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime

from anyio import CapacityLimiter, to_thread

from service.errors import ServiceError
from service.store.changes import Change, Changes

log = logging.getLogger(__name__)

INTERVAL = 0.25
"""Seconds between two looks at the database."""

MAX_PENDING = 10_000
"""Tasks whose changes are kept for one who does not take them; then its stream ends, and it can come again."""


class Ended(Exception):
    """There is no more to come: the server stops, the database is away, or the follower is too slow."""


class Follower:
    """One who follows what changes; of a task that changes twice before it is asked for, the last is told.

    `since` is when the newest change was that is known; it is not told.
    """

    since: datetime

    def __init__(self) -> None:
        self._pending: dict[str, Change] = {}
        self._woken = asyncio.Event()
        self._ended = False

    async def next(self, seconds: float) -> list[Change]:
        """Return what changed since the last call, in its order; waits until something did, or time is over.

        Raises:
            Ended: Nothing more will come.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return []
        if self._ended:
            raise Ended
        self._woken.clear()
        found, self._pending = list(self._pending.values()), {}
        return found

    def tell(self, changes: list[Change]) -> None:
        """Keep changes until they are asked for."""
        for change in changes:
            self._pending.pop(change.id, None)  # so that the order stays that of time
            self._pending[change.id] = change
        if len(self._pending) > MAX_PENDING:
            self.end()
        elif changes:
            self._woken.set()

    def end(self) -> None:
        """Let the follower know that nothing more will come."""
        self._ended = True
        self._woken.set()


class Feed:
    """Looks while somebody follows, and rests otherwise.

    It belongs to one event loop. Its looks have a thread of their own, so that they neither wait for
    uploads nor keep them waiting.
    """

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._followed: dict[str, _Followed] = {}
        self._looking: asyncio.Task[None] | None = None
        self._limiter = CapacityLimiter(1)
        self._stopping = False

    @asynccontextmanager
    async def follow(self, tenant: str) -> AsyncIterator[Follower]:
        """Give a follower that is told of what is committed from now on.

        Raises:
            ServiceError: The database cannot be asked.
        """
        followed = self._followed.get(tenant)
        if followed is None:
            followed = self._followed[tenant] = _Followed(self._changes, tenant)
        follower = Follower()
        followed.followers.add(follower)
        if self._stopping:
            follower.end()
        try:
            async with followed.beginning:
                begin = to_thread.run_sync(followed.begin, limiter=self._limiter)
                follower.since = await begin
            if self._looking is None:
                self._looking = asyncio.create_task(self._look())
            yield follower
        finally:
            followed.followers.discard(follower)
            if not followed.followers:
                self._followed.pop(tenant, None)

    def stop(self) -> None:
        """End all streams now, and those that come at once: a server that stops waits for its calls."""
        self._stopping = True
        for followed in self._followed.values():
            followed.end()

    async def _look(self) -> None:
        """Look until nobody follows."""
        try:
            while self._followed:
                for followed in list(self._followed.values()):
                    try:
                        found = await to_thread.run_sync(followed.look, limiter=self._limiter)
                    except ServiceError as error:
                        log.warning("streams end early", extra={"code": error.code})
                        followed.end()
                    else:
                        followed.tell(found)
                await asyncio.sleep(INTERVAL)
        finally:
            self._looking = None


class _Followed:
    """A tenant that is followed; `since` is when the newest change was that is known, None before the first look."""

    def __init__(self, changes: Changes, tenant: str) -> None:
        self._changes = changes
        self._tenant = tenant
        self._seen: dict[str, int] = {}
        self.since: datetime | None = None
        self.beginning = asyncio.Lock()
        self.followers: set[Follower] = set()

    def begin(self) -> datetime:
        """Return when the newest change was; the first time, that is looked up."""
        if self.since is None:
            newest = self._changes.newest(self._tenant)
            self._seen = _versions(self._changes.around(self._tenant, newest))
            self.since = newest
        return self.since

    def look(self) -> list[Change]:
        """Return what changed lately, what was told before too."""
        return [] if self.since is None else list(self._changes.around(self._tenant, self.since))

    def tell(self, found: list[Change]) -> None:
        """Tell the followers what is new of it."""
        if not found:
            return
        new = [change for change in found if self._seen.get(change.id) != change.version]
        self._seen = _versions(found)
        self.since = max(found[-1].updated_at, self.since or found[-1].updated_at)
        for follower in self.followers:
            follower.tell(new)

    def end(self) -> None:
        """End all streams."""
        for follower in self.followers:
            follower.end()


def _versions(changes: Iterable[Change]) -> dict[str, int]:
    return {change.id: change.version for change in changes}
