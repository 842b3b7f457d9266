"""Open mode: while there are no keys, the service serves this machine and nobody else.

A page of another site must not use it either, though the browser that shows it runs on this machine:
hence the Host header (DNS rebinding) and the origin (cross-site requests) are checked too.
"""

import ipaddress
import re
from collections.abc import Container, Iterable

from starlette.datastructures import Headers
from starlette.types import Scope

from app.errors import ForbiddenHost, ForbiddenOrigin, MissingKey

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
_PROXY = re.compile(r"forwarded|x-forwarded-.*|x-real-ip|via")
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]]+)(?::\d{1,5})?")
_API = ("/extract-invoice", "/status/", "/v1/", "/openapi.json")


class OpenMode:
    """The rules of open mode.

    `everyone` opens it to every peer (ALLOW_ANONYMOUS). `hosts` are names that the service is known by
    beside the local ones; `origins` those whose pages may call it (CORS_ORIGINS).
    """

    def __init__(self, *, everyone: bool, hosts: Iterable[str], origins: Iterable[str]) -> None:
        self._everyone = everyone
        self._hosts = LOCAL_HOSTS | {_name(host) or host.lower() for host in hosts}
        self._origins = frozenset(origins)

    def check(self, scope: Scope, headers: Headers) -> None:
        """Return when the request is served.

        Raises:
            MissingKey, ForbiddenHost, ForbiddenOrigin: It is not.
        """
        if not self._everyone and not is_local(scope, headers):
            raise MissingKey("No key was made yet, so only this machine itself is served.")
        hosts = headers.getlist("host")
        if len(hosts) != 1 or _name(hosts[0]) not in self._hosts:
            raise ForbiddenHost("The Host header names a host that is not served.")
        check_origin(scope, headers, self._origins)


def check_origin(scope: Scope, headers: Headers, origins: Container[str]) -> None:
    """Return when the request comes from our own page, a listed origin, or no page at all.

    Raises:
        ForbiddenOrigin: A page of another site sends it.
    """
    host = headers.get("host", "").lower()
    for origin in headers.getlist("origin"):
        if origin not in origins and origin.partition("://")[2].lower() != host:
            raise ForbiddenOrigin("The request comes from a page of another origin.")
    site = headers.get("sec-fetch-site")
    if site == "cross-site" and "origin" not in headers and not _opens_page(scope, headers):
        raise ForbiddenOrigin("The request comes from a page of another site.")


def is_local(scope: Scope, headers: Headers) -> bool:
    """Return whether the caller is a program on this machine, and no proxy for somebody else."""
    return _is_loopback(scope) and not _is_proxied(headers)


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
