"""When a request is sent again, and after how long."""

import contextlib
import random
from collections.abc import Iterator
from typing import Any

import httpx

from invoice_extraction.client.calls import Call
from invoice_extraction.client.errors import ApiError, Unreachable

LONGEST = 60.0
"""Seconds: a service that asks for a longer pause is believed, and the error raised."""

_FIRST, _LAST = 0.5, 20.0
"""Seconds of the first pause and the longest, where the service names none; each is twice the one before."""

_REFUSED = frozenset({429, 503})
"""Was not carried out, and may be sent again later."""

_UNKNOWN = frozenset({502, 504})
"""A proxy's word: nobody knows whether it was carried out."""

Outcome = httpx.Response | httpx.TransportError


def pause(call: Call[Any], outcome: Outcome, tried: int) -> float | None:
    """Return the seconds until the request is sent again, None where it is not.

    `tried` counts how often it was sent again already.
    """
    backoff: float = min(_LAST, _FIRST * 2**tried) * random.uniform(0.5, 1)  # noqa: S311
    if isinstance(outcome, httpx.TransportError):
        never_sent = isinstance(outcome, httpx.ConnectError | httpx.ConnectTimeout)
        return backoff if call.repeatable or never_sent else None
    status = outcome.status_code
    asked = retry_after(outcome)
    if status in _REFUSED or (status == 409 and asked is not None):
        return backoff if asked is None else asked if asked <= LONGEST else None
    return backoff if status in _UNKNOWN and call.repeatable else None


@contextlib.contextmanager
def reaching() -> Iterator[None]:
    """Turn a connection that fails or breaks off into Unreachable."""
    try:
        yield
    except httpx.TransportError as error:
        raise Unreachable(f"The service cannot be reached: {error}.") from error


def raised(outcome: Outcome, done: int | None = None) -> httpx.Response:
    """Return an answer that is one; that with the status `done` is one, too.

    Raises:
        Unreachable, ApiError: It is none.
    """
    if isinstance(outcome, httpx.TransportError):
        with reaching():
            raise outcome
    if outcome.is_success or outcome.status_code == done:
        return outcome
    problem: dict[str, Any] = {}
    with contextlib.suppress(ValueError):
        told = outcome.json()
        problem = told if isinstance(told, dict) else {}
    raise ApiError(outcome.status_code, problem, retry_after(outcome))


def retry_after(answer: httpx.Response) -> float | None:
    """Return the seconds that the service asks to wait; None where it names none."""
    try:
        return max(0.0, float(answer.headers.get("Retry-After", "")))
    except ValueError:
        return None
