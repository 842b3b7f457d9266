"""One id for each request: the caller's or a new one, in its answer and in every line of the log."""

import logging
import re
import secrets
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.logs import bound

log = logging.getLogger(__name__)

_SAFE = re.compile(r"[A-Za-z0-9._:-]{1,64}")


class RequestIds:
    """ASGI middleware that binds `request_id` and logs each request once, without its contents."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under its id, which stands in `scope["state"]`."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope).get("x-request-id", "")
        request_id = asked if _SAFE.fullmatch(asked) else secrets.token_hex(16)
        scope.setdefault("state", {})["request_id"] = request_id
        status = 500
        began = time.monotonic()

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        with bound(request_id=request_id):
            try:
                await self.app(scope, receive, named)
            finally:
                # the route's pattern, not the path: what a caller writes into a path stays out
                route = getattr(scope.get("route"), "path", None)
                ms = round((time.monotonic() - began) * 1000, 1)
                told = {"method": scope["method"], "route": route, "status": status, "ms": ms}
                level = logging.DEBUG if (route or "").startswith("/health/") else logging.INFO
                log.log(level, "request", extra=told)
