"""Whether the process lives, and whether its parts work."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request, Response

from app.schemas import Live, PartHealth, Ready
from service.errors import ServiceError, ServiceUnavailable
from service.wiring import Services

router = APIRouter(prefix="/health", tags=["health"])

TIMEOUT = 3.0
"""Seconds a part may take to answer."""


class Checks:
    """Asks the parts whether they work; belongs to one event loop.

    A part is asked once at a time, however many calls want to know: one that hangs holds one thread, and
    neither requests nor the checks of other parts wait for it.
    """

    def __init__(self, services: Services) -> None:
        self._checks: dict[str, Callable[[], None]] = {
            "database": services.store.check,
            "storage": services.storage.check,
            "broker": services.queue.check,
            "worker": lambda: _check_worker(services),
        }
        self._running: dict[str, asyncio.Task[PartHealth]] = {}
        self._limiter = CapacityLimiter(len(self._checks))

    async def ask(self) -> dict[str, PartHealth]:
        """Return the state of each part, after TIMEOUT seconds at the latest."""
        found = await asyncio.gather(*(self._ask(name) for name in self._checks))
        return dict(zip(self._checks, found, strict=True))

    async def _ask(self, name: str) -> PartHealth:
        running = self._running.get(name)
        if running is None or running.done():
            running = asyncio.create_task(self._run(self._checks[name]))
            self._running[name] = running
        done, _ = await asyncio.wait({running}, timeout=TIMEOUT)
        if not done:
            return PartHealth(status="failed", detail="It does not answer in time.")
        return running.result()

    async def _run(self, check: Callable[[], None]) -> PartHealth:
        try:
            await to_thread.run_sync(check, limiter=self._limiter, abandon_on_cancel=True)
        except ServiceError as error:
            return PartHealth(status="failed", detail=error.message)
        return PartHealth(status="ok")


@router.get("/live", summary="Is the process alive?")
async def live() -> Live:
    """Return that the process answers."""
    return Live(status="ok")


@router.get("/ready", summary="Do all parts work?", responses={503: {"model": Ready}})
async def ready(request: Request, response: Response) -> Ready:
    """Return the state of each part: database, storage, broker, worker; 503 when one fails."""
    checks: Checks = request.app.state.checks
    parts = await checks.ask()
    failed = any(part.status == "failed" for part in parts.values())
    response.headers["Cache-Control"] = "no-store"
    if failed:
        response.status_code = 503
        response.headers["Retry-After"] = "5"
    return Ready(status="failed" if failed else "ok", parts=parts)


def _check_worker(services: Services) -> None:
    """Return when a worker gave a sign of life lately; each gives one in a quarter of a lease."""
    age = timedelta(seconds=services.settings.lease_seconds / 2)
    if not services.store.worker_seen_within(age):
        raise ServiceUnavailable("No worker gave a sign of life; accepted documents wait for one.")
