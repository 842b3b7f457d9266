"""Where the service may send something that a caller named: public addresses, and hosts that are set.

The name is resolved once, each of its addresses is checked, and only those are connected to. What two
programs could read differently (a host in decimal, an IDN, a name and password) is refused, not read.
"""

import re
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from service.errors import ForbiddenUrl

Resolver = Callable[[str], Sequence[str]]
"""From a host's name to its addresses, as text; OSError where there are none."""

PORTS = frozenset({443, 8443})
"""Ports of public hosts; a host that is set may name another."""

MAX_URL = 2_000
"""Characters."""

LOOKED_UP = 5.0
"""Seconds that a name has; what the operating system has not found then counts as not there."""

_LOOK_UPS = 16
"""Look-ups that may be under way in a process: those that nobody waits for any more go on for a while."""

_PLAIN = re.compile(r"[!#-;=?-\[\]_a-z~]+")
"""What a URL consists of (RFC 3986): no space, control character, backslash, nor anything beyond ASCII."""

_NAME = re.compile(
    r"(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_](?:[a-z0-9_-]{0,62}))*"
)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
"""A last label that makes browsers and C libraries take the host for an IPv4 address (WHATWG URL, 3.5)."""

_NOT_PUBLIC_4 = tuple(
    ip_network(network)
    for network in (
        # IANA's registry of special-purpose addresses (RFC 6890), what of it is not globally reachable
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by carriers (RFC 6598); clouds keep services there
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, with the clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "168.63.129.16/32",  # looks public, and is the host of each machine in Azure
    )
)
_PUBLIC_6 = ip_network("2000::/3")
"""All that is given out; so mapped, compatible and translated IPv4, link-local and unique local are not."""

_NOT_PUBLIC_6 = tuple(
    ip_network(network)
    for network in (
        "2001::/23",  # IETF protocols, Teredo (an IPv4 address in disguise) and ORCHID among them
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "3fff::/20",
    )
)


@dataclass(frozen=True, slots=True)
class Place:
    """A URL, taken apart: `host` in lower case and without brackets, `path` with its query."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The host as it stands in a URL and in the header Host, with the port where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """The URL without its path."""
        return f"{'https' if self.secure else 'http'}://{self.authority}"


@dataclass(frozen=True, slots=True)
class Target:
    """A place, and the addresses to connect to: checked, and never asked for again."""

    place: Place
    addresses: tuple[str, ...]


def system_resolver(host: str) -> list[str]:
    """Return the addresses of a name as the operating system knows them, within LOOKED_UP.

    Raises:
        OSError: There are none, or it takes longer (TimeoutError).
    """
    # getaddrinfo itself knows no limit, and takes half a minute where no name server answers
    asked = _pool().submit(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM)
    try:
        return [str(found[4][0]) for found in asked.result(LOOKED_UP)]
    finally:
        asked.cancel()


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_LOOK_UPS, "look-up")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Says where something may be sent.

    `hosts` are set by who runs the service, as `host` or `host:port`: they may be private, and may be
    reached without TLS. A host without a port stands for the public ports and 80.
    """

    hosts: frozenset[str] = frozenset()
    resolver: Resolver = system_resolver
    ports: frozenset[int] = PORTS

    def read(self, url: str) -> Place:
        """Return a URL taken apart; nothing is resolved.

        Raises:
            ForbiddenUrl: It is none of a place that may be reached, whatever its name stands for.
        """
        place = _parsed(url)
        if self._is_set(place):
            return place
        if not place.secure:
            raise ForbiddenUrl("The URL must begin with https://.")
        if place.port not in self.ports:
            ports = " or ".join(map(str, sorted(self.ports)))
            raise ForbiddenUrl(f"The port must be {ports}.")
        address = _address(place.host)
        if address is not None and not is_public(address):
            raise ForbiddenUrl("The address is not public.")
        if address is None and "." not in place.host:
            raise ForbiddenUrl("The host must be named in full, as `hooks.example.com`.")
        return place

    def resolve(self, url: str) -> Target:
        """Return where to connect to for a URL.

        Raises:
            ForbiddenUrl: As `read`; or its name has no address, or one that is not public.
        """
        place = self.read(url)
        try:
            found = [ip_address(address) for address in self._looked_up(place.host)]
        except (OSError, ValueError):
            found = []
        if not found:
            raise ForbiddenUrl("The host has no address that could be found.")
        if not self._is_set(place) and not all(map(is_public, found)):
            raise ForbiddenUrl("The host has an address that is not public.")
        return Target(place, tuple(dict.fromkeys(map(str, found))))

    def _looked_up(self, host: str) -> Sequence[str]:
        return [host] if _address(host) is not None else self.resolver(host)

    def _is_set(self, place: Place) -> bool:
        host = f"[{place.host}]" if ":" in place.host else place.host
        usual = place.host in self.hosts or host in self.hosts
        return f"{host}:{place.port}" in self.hosts or (usual and place.port in self.ports | {80})


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Return whether the address is reachable from anywhere, and so is no way into a network of somebody's own."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    plain = address.scope_id is None and address in _PUBLIC_6
    return plain and not any(address in network for network in _NOT_PUBLIC_6)


def _parsed(url: str) -> Place:
    if len(url) > MAX_URL:
        raise ForbiddenUrl(f"The URL has more than {MAX_URL:,} characters.")
    if not _PLAIN.fullmatch(url):
        raise ForbiddenUrl(
            "The URL holds characters that have no place in one; write a host like `bücher.de` as "
            "`xn--bcher-kva.de`, and other characters as %XX."
        )
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise ForbiddenUrl("The URL cannot be read.") from None
    if parts.scheme not in {"https", "http"} or not url.lower().startswith(f"{parts.scheme}://"):
        raise ForbiddenUrl("The URL must begin with https://.")
    if "@" in parts.netloc:
        raise ForbiddenUrl("The URL must hold no user name and no password.")
    if parts.fragment or "#" in url:
        raise ForbiddenUrl("The URL must hold no fragment (#).")
    if not host or "%" in host or parts.netloc.endswith(":"):
        raise ForbiddenUrl("The URL names no host that can be read.")
    secure = parts.scheme == "https"
    usual = 443 if secure else 80
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(secure, _host(host, parts.netloc), usual if port is None else port, path)


def _host(host: str, netloc: str) -> str:
    """Return the host, an address in its one usual form."""
    if netloc.startswith("["):
        try:
            return str(IPv6Address(host))
        except ValueError:
            raise ForbiddenUrl("The URL names no host that can be read.") from None
    if _NUMBER.fullmatch(host.rpartition(".")[2]) and _address(host) is None:
        raise ForbiddenUrl("An address must be written as `192.0.2.1`.")
    if not _NAME.fullmatch(host):
        raise ForbiddenUrl("The URL names no host that can be read.")
    return host


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """Return the host as an address; None where it is a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None
