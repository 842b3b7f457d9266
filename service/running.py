"""What a worker has in hand, and whether it still moves."""

import contextlib
import math
import threading
import time
from collections.abc import Iterator

LONGEST_JOB = 600.0
"""Seconds without a step, as a page's beginning or a model's call is one, after which a job's lease is no
longer renewed: something hangs."""


class Running:
    """The claims that this process works on, by their tokens; safe for many threads."""

    def __init__(self) -> None:
        self._moved: dict[str, float] = {}
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def hold(self, token: str) -> Iterator[None]:
        """Keep the claim during the block; before the first `advance` it waits, and so does not hang."""
        with self._lock:
            self._moved[token] = math.inf
        try:
            yield
        finally:
            with self._lock:
                del self._moved[token]

    def advance(self, token: str) -> None:
        """Note that the work behind a claim begins, or has come a step further, and so does not hang."""
        with self._lock:
            self._moved[token] = time.monotonic()

    def tokens(self) -> list[str]:
        """Return the tokens of the claims that are kept, without those that hang."""
        oldest = time.monotonic() - LONGEST_JOB
        with self._lock:
            return [token for token, moved in self._moved.items() if moved > oldest]
