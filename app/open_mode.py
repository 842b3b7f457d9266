"""Open mode: while there are no keys, the service serves this machine and nobody else.

A page of another site must not use it either, though the browser that shows it runs on this machine:
hence the Host header (DNS rebinding) and the origin (cross-site requests) are checked too.
"""

import ipaddress
import re
from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.errors import ForbiddenHost, ForbiddenOrigin, MissingKey, RequestError, answer
from service.keys import ANYBODY

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
_PROXY = re.compile(r"forwarded|x-forwarded-.*|x-real-ip|via")
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]]+)(?::\d{1,5})?")
_API = ("/extract-invoice", "/status/", "/v1/", "/openapi.json")


class OpenMode:
    """ASGI middleware that refuses whom open mode does not serve; /health/ is open to all.

    `everyone` opens it to every peer (ALLOW_ANONYMOUS). `hosts` are names that the service is known by
    beside the local ones; `origins` those whose pages may call it (CORS_ORIGINS).
    """

    def __init__(
        self, app: ASGIApp, *, everyone: bool, hosts: Iterable[str], origins: Iterable[str]
    ) -> None:
        self.app = app
        self._everyone = everyone
        self._hosts = LOCAL_HOSTS | {_name(host) or host.lower() for host in hosts}
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it with 401 or 403."""
        if scope["type"] == "http" and not scope["path"].startswith("/health/"):
            refusal = self._refusal(scope, Headers(scope=scope))
            if refusal is not None:
                await answer(refusal, scope)(scope, receive, send)
                return
            scope.setdefault("state", {})["caller"] = ANYBODY
        await self.app(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers) -> RequestError | None:
        """Return why the request is not served; None when it is."""
        if not self._everyone and not (_is_loopback(scope) and not _is_proxied(headers)):
            return MissingKey("No key was made yet, so only this machine itself is served.")
        hosts = headers.getlist("host")
        if len(hosts) != 1 or _name(hosts[0]) not in self._hosts:
            return ForbiddenHost("The Host header names a host that is not served.")
        for origin in headers.getlist("origin"):
            authority = origin.partition("://")[2]
            if origin not in self._origins and authority.lower() != hosts[0].lower():
                return ForbiddenOrigin("The request comes from a page of another origin.")
        site = headers.get("sec-fetch-site")
        if site == "cross-site" and "origin" not in headers and not _opens_page(scope, headers):
            return ForbiddenOrigin("The request comes from a page of another site.")
        return None


def _is_loopback(scope: Scope) -> bool:
    """Return whether the peer is this machine; a peer without an address is not."""
    try:
        address = ipaddress.ip_address((scope.get("client") or ("", 0))[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _is_proxied(headers: Headers) -> bool:
    """Return whether a proxy passed the request on: its peer is not the caller then."""
    return any(_PROXY.fullmatch(name) for name in headers)


def _name(host: str) -> str | None:
    """Return the host without its port, in lower case; None for what is no host."""
    found = _HOST.fullmatch(host.lower())
    return found[1] if found else None


def _opens_page(scope: Scope, headers: Headers) -> bool:
    """Return whether a person follows a link to one of our pages: nothing changes, nothing leaks."""
    return (
        scope["method"] in {"GET", "HEAD"}
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
        and not scope["path"].startswith(_API)
    )
