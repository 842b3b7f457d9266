"""How often a caller may call: headers that tell it, and 429 for one call too many."""

from anyio import to_thread
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import answer
from service.errors import RateLimited
from service.keys import Caller
from service.limits import Rate, Rates


class RateLimits:
    """ASGI middleware behind `Access`: counts by key, and by address where there is none.

    `a_minute` is for callers whose key has no rate of its own.
    """

    def __init__(self, app: ASGIApp, *, rates: Rates, a_minute: int) -> None:
        self.app = app
        self._rates = rates
        self._a_minute = a_minute

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with headers for its answer, or answer it with 429."""
        state = scope.get("state", {})
        caller: Caller | None = state.get("caller")
        if scope["type"] != "http" or caller is None or not state["limited"]:
            await self.app(scope, receive, send)
            return
        name = f"key:{caller.key_id}" if caller.key_id else f"address:{address(scope)}"
        rate = await counted(self._rates, name, caller.rate or self._a_minute)
        told = telling(send, rate)
        if rate.refused:
            await refusal(rate)(scope, receive, told)
        else:
            await self.app(scope, receive, told)


async def counted(rates: Rates, name: str, a_minute: int) -> Rate:
    """Count a request; what has to ask Redis does so in a thread."""
    if rates.is_local:
        return rates.count(name, a_minute)
    return await to_thread.run_sync(rates.count, name, a_minute)


def refusal(rate: Rate) -> ASGIApp:
    """Return the application that answers a request too many."""
    error = RateLimited(f"More than {rate.limit} requests in a minute.", rate.reset)

    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(error, scope)(scope, receive, send)

    return refuse


def telling(send: Send, rate: Rate) -> Send:
    """Return a `send` that adds the headers RateLimit-*."""

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["RateLimit-Limit"] = str(rate.limit)
            headers["RateLimit-Remaining"] = str(rate.remaining)
            headers["RateLimit-Reset"] = str(rate.reset)
        await send(message)

    return told


def address(scope: Scope) -> str:
    """Return the peer's address; behind a trusted proxy the server puts the caller's own there."""
    return str((scope.get("client") or ("unknown", 0))[0])
