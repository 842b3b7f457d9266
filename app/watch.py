"""Waiting for jobs without holding a thread: one watcher looks for all who wait."""

import asyncio
import logging
from collections.abc import Callable, Iterable

from anyio import CapacityLimiter, to_thread

from service.errors import ServiceError

log = logging.getLogger(__name__)

INTERVAL = 0.1
"""Seconds between two looks at the database."""

Versions = Callable[[list[str]], dict[str, tuple[int, bool]]]


class Watcher:
    """Resolves waits; it looks while somebody waits, and rests otherwise.

    It belongs to one event loop. Its looks have a thread of their own, so that they neither wait for
    uploads nor keep them waiting.
    """

    def __init__(self, versions: Versions) -> None:
        self._versions = versions
        self._waits: set[_Wait] = set()
        self._looking: asyncio.Task[None] | None = None
        self._stopping = False

    async def wait(self, job_id: str, seen: int | None, seconds: float) -> None:
        """Return when the job is final or gone, or its version is no more `seen`, or time is over.

        None for `seen` waits for the end alone.

        Raises:
            ServiceError: The database cannot be asked.
        """
        if self._stopping:
            return
        wait = _Wait(job_id, seen)
        self._waits.add(wait)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        try:
            async with asyncio.timeout(seconds):
                await wait.ended
        except TimeoutError:
            return
        finally:
            self._waits.discard(wait)

    def stop(self) -> None:
        """End all waits now, and those that come at once: a server that stops waits for its calls."""
        self._stopping = True
        for wait in self._waits:
            wait.end()

    async def _look(self) -> None:
        """Look until nobody waits."""
        limiter = CapacityLimiter(1)
        try:
            while self._waits:
                ids = {wait.job_id for wait in self._waits}
                try:
                    found = await to_thread.run_sync(self._versions, list(ids), limiter=limiter)
                except ServiceError as error:
                    log.warning("waits end early", extra={"code": error.code})
                    for wait in self._waits:
                        wait.end(error)
                else:
                    _look_up(self._waits, ids, found)
                await asyncio.sleep(INTERVAL)
        finally:
            self._looking = None


class _Wait:
    """One caller's wait."""

    def __init__(self, job_id: str, seen: int | None) -> None:
        self.job_id = job_id
        self.seen = seen
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def end(self, error: ServiceError | None = None) -> None:
        """Let the caller go on, with the error where there is one; harmless a second time."""
        if self.ended.done():
            return
        if error is None:
            self.ended.set_result(None)
        else:
            self.ended.set_exception(error)


def _look_up(waits: Iterable[_Wait], asked: set[str], found: dict[str, tuple[int, bool]]) -> None:
    """End the waits that what was found ends; those that came after the asking are left alone."""
    for wait in waits:
        if wait.job_id not in asked:
            continue
        version, final = found.get(wait.job_id, (None, True))
        changed = wait.seen is not None and version != wait.seen
        if final or changed:
            wait.end()
