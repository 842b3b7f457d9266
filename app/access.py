"""Who is let in: everybody whom open mode serves until the first key is made, then those who show one."""

import hashlib
import hmac
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote

from anyio import CapacityLimiter, to_thread
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app.errors import ForbiddenSession, MissingKey, answer
from app.open_mode import OpenMode, check_origin, is_local
from app.rates import address, counted, refusal, telling
from service.errors import InvalidKey, ServiceError
from service.keys import ANYBODY, Caller, Keys
from service.limits import Rates

COOKIE = "session"
"""The page's cookie: the key that a person gave at /login, for as long as the browser is open."""

LOGIN = "/login"
LOGOUT = "/logout"
LANGUAGE = "/language/"
LOOK = "/look/"
"""Begin the paths by which a reader chooses the page's language and look, before they have shown a key too."""

CSRF = "x-csrf-token"
"""The header with the page's token, wherever the cookie is what shows the key and something changes."""

OPEN = ("/health/", "/static/")
"""Begin the paths that everybody may see: they tell nothing of any document."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Access:
    """ASGI middleware: puts the `Caller` into `scope["state"]`, or answers with 401 or 403.

    `scope["state"]["limited"]` is true where what the caller may do is bounded: everywhere but in open mode
    on this machine. `scope["state"]["csrf"]` is the token for the page, empty where no cookie shows the key.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        keys: Keys,
        open_mode: OpenMode,
        origins: Iterable[str],
        rates: Rates,
        a_minute: int,
    ) -> None:
        self.app = app
        self._keys = keys
        self._open_mode = open_mode
        self._origins = frozenset(origins)
        self._rates = rates
        self._a_minute = a_minute
        # asked one after the other: of many calls with the same key only the first asks the database
        self._limiter = CapacityLimiter(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it."""
        if scope["type"] != "http" or scope["path"].startswith("/health/"):
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        headers = Headers(scope=scope)
        try:
            caller, state["csrf"] = await self._caller(scope, headers)
        except ServiceError as error:
            await self._refuse(error, scope, headers)(scope, receive, send)
            return
        state["caller"] = caller
        state["limited"] = caller != ANYBODY or not is_local(scope, headers)
        if caller is None and scope["method"] not in _SAFE:
            await self._counted(self.app)(scope, receive, send)  # keys that are tried at the login
        else:
            await self.app(scope, receive, send)

    def _refuse(self, error: ServiceError, scope: Scope, headers: Headers) -> ASGIApp:
        """Return the application that answers with the error."""
        if not isinstance(error, MissingKey | InvalidKey):
            return answer(error, scope)
        return self._counted(_to_login(scope) if _is_page(scope, headers) else answer(error, scope))

    def _counted(self, app: ASGIApp) -> ASGIApp:
        """Return the application, for so many requests a minute of one address: keys could be tried."""

        async def count(scope: Scope, receive: Receive, send: Send) -> None:
            name = f"no-key:{address(scope)}"
            rate = await counted(self._rates, name, self._a_minute)
            told = telling(send, rate)
            await (refusal(rate) if rate.refused else app)(scope, receive, told)

        return count

    async def _caller(self, scope: Scope, headers: Headers) -> tuple[Caller | None, str]:
        """Return who calls, None on the way to the login, and the page's token.

        Raises:
            MissingKey, InvalidKey, ForbiddenHost, ForbiddenOrigin, ForbiddenSession: Not let in.
        """
        if await self._is_open():
            self._open_mode.check(scope, headers)
            return ANYBODY, ""
        if scope["path"].startswith((*OPEN, LANGUAGE, LOOK)):
            return None, ""
        if scope["path"] in {LOGIN, LOGOUT}:
            check_origin(scope, headers, self._origins)
            return None, ""
        shown = _shown(headers)
        if shown is not None:
            return await self._recognised(shown), ""
        kept = session(headers)
        if kept is None:
            raise MissingKey("The request shows no key.")
        check_origin(scope, headers, self._origins)
        caller = await self._recognised(kept)
        token = csrf_token(kept)
        if scope["method"] not in _SAFE:
            sent = headers.get(CSRF, "")
            if not hmac.compare_digest(sent.encode(), token.encode()):
                raise ForbiddenSession(f"The header {CSRF} does not hold the page's token.")
        return caller, token

    async def _is_open(self) -> bool:
        if self._keys.is_fresh(None):
            return self._keys.opened()
        return await to_thread.run_sync(self._keys.opened, limiter=self._limiter)

    async def _recognised(self, text: str) -> Caller:
        if self._keys.is_fresh(text):
            return self._keys.recognise(text).caller
        key = await to_thread.run_sync(self._keys.recognise, text, limiter=self._limiter)
        return key.caller


def session(headers: Headers) -> str | None:
    """Return the key in the page's cookie; None where there is none."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return found.value if found else None


def csrf_token(key: str) -> str:
    """Return the token that a page must send along with the cookie; another site cannot know it."""
    return hmac.new(key.encode(), b"csrf", hashlib.sha256).hexdigest()


def _shown(headers: Headers) -> str | None:
    """Return the key in a header; None where there is none.

    Raises:
        InvalidKey: Authorization is of another kind.
    """
    authorization = headers.get("authorization")
    if authorization is None:
        return headers.get("x-api-key")
    kind, _, text = authorization.partition(" ")
    if kind.lower() != "bearer":
        raise InvalidKey("Authorization is not of the kind Bearer.")
    return text.strip()


def _is_page(scope: Scope, headers: Headers) -> bool:
    """Return whether a browser opens the address as a page; what scripts fetch is told by its status."""
    return scope["method"] in {"GET", "HEAD"} and "text/html" in headers.get("accept", "")


def _to_login(scope: Scope) -> RedirectResponse:
    query = scope["query_string"].decode("latin-1")
    asked = scope["path"] + (f"?{query}" if query else "")
    headers = {"Cache-Control": "no-store"}
    return RedirectResponse(f"{LOGIN}?next={quote(asked, safe='')}", 303, headers)
