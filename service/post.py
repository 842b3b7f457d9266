"""One POST to an address that was checked before: nothing is resolved, no redirect followed, no proxy asked."""

import socket
import ssl
import time
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address

import h11

from service.addresses import Target

MAX_ANSWER = 65_536
"""Bytes of an answer that are read, its head included; what is in them is not kept."""

POLITE = 1.0
"""Seconds for which the rest of an answer is read, once its status is known: so that nobody is cut off."""

SHORT = 5.0
"""Seconds for one address, where there are more to try."""

_PIECE = 16_384


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer's status, and what it says in Retry-After; None where it says nothing."""

    status: int
    retry_after: str | None = None


class NoAnswer(Exception):
    """There was none: `reason` is unreachable, timeout, tls or protocol."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def post(target: Target, headers: dict[str, str], body: bytes, seconds: float) -> Answer:
    """Send the body as JSON and return the answer, all within so many seconds.

    Raises:
        NoAnswer: Nothing listens there, or it does not answer in time, or not with HTTP.
    """
    deadline = time.monotonic() + seconds
    try:
        with _connected(target, deadline) as connection:
            return _exchange(connection, _request(target, headers, body), deadline)
    except TimeoutError:
        raise NoAnswer("timeout") from None
    except ssl.SSLError:
        raise NoAnswer("tls") from None
    except OSError:
        raise NoAnswer("unreachable") from None
    except h11.ProtocolError:
        raise NoAnswer("protocol") from None


def _connected(target: Target, deadline: float) -> socket.socket:
    """Return a connection to the first of the addresses that takes one, its certificate checked."""
    for address in target.addresses[:-1]:
        try:
            return _connect(target, address, min(deadline, time.monotonic() + SHORT))
        except ssl.SSLError:
            raise
        except OSError:
            continue
    return _connect(target, target.addresses[-1], deadline)


def _connect(target: Target, address: str, deadline: float) -> socket.socket:
    place = target.place
    family = socket.AF_INET6 if ip_address(address).version == 6 else socket.AF_INET
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.settimeout(_left(deadline))
        connection.connect((address, place.port))
        if place.secure:
            connection.settimeout(_left(deadline))
            return _tls().wrap_socket(connection, server_hostname=place.host)
    except BaseException:
        connection.close()
        raise
    return connection


def _request(target: Target, headers: dict[str, str], body: bytes) -> tuple[h11.Connection, bytes]:
    """Return the connection's state, and the bytes of the request."""
    state = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_ANSWER)
    every = {
        "User-Agent": "invoice-extraction",
        "Host": target.place.authority,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
        **headers,
    }
    head = h11.Request(method="POST", target=target.place.path, headers=list(every.items()))
    events = (head, h11.Data(data=body), h11.EndOfMessage())
    return state, b"".join(state.send(event) or b"" for event in events)


def _exchange(
    connection: socket.socket, request: tuple[h11.Connection, bytes], deadline: float
) -> Answer:
    state, data = request
    connection.settimeout(_left(deadline))
    connection.sendall(data)
    answer: Answer | None = None
    size = 0
    while size <= MAX_ANSWER:
        try:
            event = state.next_event()
            if event is h11.NEED_DATA:
                connection.settimeout(_left(deadline))
                piece = connection.recv(_PIECE)
                size += len(piece)
                state.receive_data(piece)
                continue
        except (OSError, h11.RemoteProtocolError):
            if answer is None:
                raise
            break  # what counts has been said
        if isinstance(event, h11.Response):
            answer = _answer(event)
            deadline = min(deadline, time.monotonic() + POLITE)
        elif not isinstance(event, h11.InformationalResponse | h11.Data):
            break  # the end of the message, or of the connection
    if answer is None:
        raise NoAnswer("protocol")
    return answer


def _answer(response: h11.Response) -> Answer:
    headers = dict(response.headers)
    after = headers.get(b"retry-after")
    return Answer(response.status_code, after.decode("ascii", "replace") if after else None)


def _left(deadline: float) -> float:
    """Return the seconds until then; raises TimeoutError where there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


@lru_cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
