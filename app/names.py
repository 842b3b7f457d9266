"""Looking up the names of hosts that callers name, apart from the threads that everything else runs in."""

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, fail_after, to_thread

from service.errors import ServiceUnavailable

T = TypeVar("T")

AT_A_TIME = 4
"""Look-ups under way in this process."""

WAIT = 5.0
"""Seconds to wait for a turn."""


class Names:
    """Runs what looks up names: a few at a time, for one that never answers holds its thread for seconds."""

    def __init__(self) -> None:
        self._limiter = CapacityLimiter(AT_A_TIME)

    async def run(self, function: Callable[[], T]) -> T:
        """Return what the function returns. Once it has begun it runs to its end.

        Raises:
            ServiceUnavailable: Its turn did not come in time.
        """
        try:
            with fail_after(WAIT):
                return await to_thread.run_sync(function, limiter=self._limiter)
        except TimeoutError:
            raise ServiceUnavailable("Too many names are being looked up.") from None
