"""How often somebody may call: so many requests a minute, counted in Redis, or in this process without one."""

import logging
import math
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import SlidingWindowCounterRateLimiter
from redis import RedisError

from service.errors import RateLimited

log = logging.getLogger(__name__)

REDIS_AWAY = 5.0
"""Seconds during which a Redis that did not answer is not asked again; each process counts alone then."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How somebody stands: `limit` requests a minute, `remaining` of them, all anew after `reset` seconds.

    `refused` is true where the request was one too many.
    """

    limit: int
    remaining: int
    reset: int
    refused: bool


class Rates:
    """Counts requests by name. Safe for many threads; `url` is that of a Redis which all processes share."""

    def __init__(self, url: str | None = None) -> None:
        self._local = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._shared: SlidingWindowCounterRateLimiter | None = None
        if url is not None:
            storage: Storage = RedisStorage(
                url, key_prefix="calls", socket_timeout=1.0, socket_connect_timeout=1.0
            )
            self._shared = SlidingWindowCounterRateLimiter(storage)
        self._away_until = 0.0

    @property
    def is_local(self) -> bool:
        """True where `count` asks nobody: it may be called where nothing may wait."""
        return self._shared is None

    def count(self, name: str, a_minute: int) -> Rate:
        """Count a request, unless it is refused, and return how its sender stands."""
        item = RateLimitItemPerMinute(a_minute)
        if self._shared is not None and time.monotonic() >= self._away_until:
            try:
                return _counted(self._shared, item, name)
            except RedisError as exc:
                log.warning(
                    "Redis does not answer: requests are counted in each process alone",
                    extra={"error": type(exc).__name__},
                )
                self._away_until = time.monotonic() + REDIS_AWAY
        return _counted(self._local, item, name)


class Turns:
    """How many uploads, or what `named` says, of each caller this process takes on at a time."""

    def __init__(self, most: int, named: str = "uploads") -> None:
        self._most = most
        self._named = named
        self._running: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def hold(self, name: str) -> Iterator[None]:
        """Count one as under way during the block.

        Raises:
            RateLimited: As many are under way already.
        """
        with self._lock:
            if self._running[name] >= self._most:
                raise RateLimited(f"{self._most} {self._named} with this key are under way.", 1)
            self._running[name] += 1
        try:
            yield
        finally:
            with self._lock:
                self._running[name] -= 1
                if not self._running[name]:
                    del self._running[name]


def _counted(
    limiter: SlidingWindowCounterRateLimiter, item: RateLimitItemPerMinute, name: str
) -> Rate:
    refused = not limiter.hit(item, name)
    stats = limiter.get_window_stats(item, name)
    reset = max(1, math.ceil(stats.reset_time - time.time()))
    return Rate(item.amount, max(0, stats.remaining), reset, refused)
