"""The HTTP application around services that are handed in."""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from types import FrameType

from anyio import to_thread
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from app.access import Access
from app.description import SUMMARY, TITLE, describe
from app.errors import add_error_handlers
from app.feed import Feed
from app.headers import Heads, SecurityHeaders
from app.names import Names
from app.open_mode import OpenMode
from app.pictures import Pictures
from app.rates import RateLimits
from app.reader import Reader
from app.request_id import RequestIds
from app.routes import (
    about,
    documents,
    events,
    exports,
    health,
    invoices,
    keys,
    pages,
    reference,
    webhooks,
)
from app.watch import Watcher
from service.limits import Turns
from service.wiring import Services

VERSION = "1"
"""The version of the HTTP API, which is the one in its paths."""


EXPOSED = (
    *("ETag", "Idempotent-Replayed", "Link", "Location", "Retry-After", "X-Request-ID"),
    *("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"),
)
"""Headers of answers that pages of listed origins may read."""


def build_app(services: Services) -> FastAPI:
    """Return the application; its start starts the services, its end stops them."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await to_thread.run_sync(services.start)
        _end_waits_on_signals(app.state.watcher, app.state.feed)
        try:
            yield
        finally:
            await to_thread.run_sync(services.stop)

    app = FastAPI(
        title=TITLE,
        summary=SUMMARY,
        version=VERSION,
        lifespan=lifespan,
        docs_url=None,  # its page takes scripts from a CDN; ours is in app/routes/reference.py
        redoc_url=None,
        redirect_slashes=False,  # a redirected upload would be sent twice
    )
    app.openapi = partial(describe, app)  # type: ignore[method-assign]
    app.state.services = services
    app.state.watcher = Watcher(services.store.versions)
    app.state.feed = Feed(services.changes)
    app.state.reader = Reader(services.readers)
    app.state.pictures = Pictures(services, app.state.reader)
    app.state.names = Names()
    app.state.turns = Turns(services.settings.max_uploads)
    app.state.exports = Turns(exports.AT_A_TIME, "exports")
    app.state.checks = health.Checks(services)
    for routes in (invoices, documents, events, exports, keys, webhooks, about, health, reference):
        app.include_router(routes.router)
    pages.install(app)
    add_error_handlers(app)
    _add_middleware(app, services)
    return app


def _end_waits_on_signals(watcher: Watcher, feed: Feed) -> None:
    """Let a stop of the server end the calls that wait, before the server waits for them.

    The server tells an application of its stop only when every call has ended. Without this Ctrl-C and
    each reload would last as long as the longest wait.
    """
    if threading.current_thread() is not threading.main_thread():
        return  # a server inside a program, which has its signals for itself
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.getsignal(number)
        if callable(before):
            signal.signal(number, partial(_stop, loop, watcher, feed, before))


def _stop(
    loop: asyncio.AbstractEventLoop,
    watcher: Watcher,
    feed: Feed,
    before: Callable[[int, FrameType | None], object],
    number: int,
    frame: FrameType | None,
) -> None:
    loop.call_soon_threadsafe(watcher.stop)
    loop.call_soon_threadsafe(feed.stop)
    before(number, frame)


def _add_middleware(app: FastAPI, services: Services) -> None:
    """Wrap the application; the last one added is the outermost."""
    settings = services.settings
    app.add_middleware(Heads)
    open_mode = OpenMode(
        everyone=settings.allow_anonymous,
        hosts=settings.allowed_hosts,
        origins=settings.cors_origins,
    )
    app.add_middleware(RateLimits, rates=services.rates, a_minute=settings.rate_limit)
    app.add_middleware(
        Access,
        keys=services.keys,
        open_mode=open_mode,
        origins=settings.cors_origins,
        rates=services.rates,
        a_minute=settings.rate_limit_address,
    )
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=["*"],
            expose_headers=EXPOSED,
        )
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestIds)
