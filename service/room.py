"""Room for the files that are worked on at the same time."""

import contextlib
import threading
from collections import deque
from collections.abc import Iterator


class Room:
    """Bounds the bytes of files in hand; safe for many threads.

    Files get their room in the order in which they ask for it, so that a large one is not passed by
    small ones for ever. One that is larger than all the room goes alone.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0
        self._waiting: deque[object] = deque()
        self._changed = threading.Condition()

    @contextlib.contextmanager
    def hold(self, size: int) -> Iterator[None]:
        """Keep so many bytes in hand during the block, once there is room for them."""
        ticket = object()
        with self._changed:
            self._waiting.append(ticket)
            try:
                self._changed.wait_for(lambda: self._waiting[0] is ticket and self._fits(size))
                self._held += size
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()  # there may be room for the next one too
        try:
            yield
        finally:
            with self._changed:
                self._held -= size
                self._changed.notify_all()

    def _fits(self, size: int) -> bool:
        return not self._held or self._held + size <= self._most
