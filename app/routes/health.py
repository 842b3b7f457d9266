"""Whether the process lives, and whether its parts work."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Response

from app.deps import ServicesDep
from app.schemas import Live, PartHealth, Ready
from service.errors import ServiceError, ServiceUnavailable
from service.wiring import Services

router = APIRouter(prefix="/health", tags=["health"])

TIMEOUT = 3.0
"""Seconds a part may take to answer."""

THREADS = 8
"""Checks at once; a part that hangs holds its own threads, never those of requests."""


@router.get("/live", summary="Is the process alive?")
async def live() -> Live:
    """Return that the process answers."""
    return Live(status="ok")


@router.get("/ready", summary="Do all parts work?", responses={503: {"model": Ready}})
async def ready(response: Response, services: ServicesDep) -> Ready:
    """Return the state of each part: database, storage, broker, worker; 503 when one fails."""
    limiter = CapacityLimiter(THREADS)
    checks = _checks(services)
    found = await asyncio.gather(*(_check(check, limiter) for check in checks.values()))
    parts = dict(zip(checks, found, strict=True))
    failed = any(part.status == "failed" for part in found)
    response.headers["Cache-Control"] = "no-store"
    if failed:
        response.status_code = 503
        response.headers["Retry-After"] = "5"
    return Ready(status="failed" if failed else "ok", parts=parts)


def _checks(services: Services) -> dict[str, Callable[[], None]]:
    return {
        "database": services.store.check,
        "storage": services.storage.check,
        "broker": services.queue.check,
        "worker": lambda: _check_worker(services),
    }


def _check_worker(services: Services) -> None:
    """Return when a worker gave a sign of life lately; each gives one in a quarter of a lease."""
    age = timedelta(seconds=services.settings.lease_seconds / 2)
    if not services.store.worker_seen_within(age):
        raise ServiceUnavailable("No worker gave a sign of life; accepted documents wait for one.")


async def _check(check: Callable[[], None], limiter: CapacityLimiter) -> PartHealth:
    try:
        async with asyncio.timeout(TIMEOUT):
            await to_thread.run_sync(check, limiter=limiter, abandon_on_cancel=True)
    except ServiceError as error:
        return PartHealth(status="failed", detail=error.message)
    except TimeoutError:
        return PartHealth(status="failed", detail="It does not answer in time.")
    return PartHealth(status="ok")
