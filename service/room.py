"""Room for the files that are worked on at the same time."""

import contextlib
import threading
from collections.abc import Iterator


class Room:
    """Bounds the bytes of files in hand; safe for many threads.

    A file that is larger than all the room goes alone.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0
        self._changed = threading.Condition()

    @contextlib.contextmanager
    def hold(self, size: int) -> Iterator[None]:
        """Keep so many bytes in hand during the block, once there is room for them."""
        with self._changed:
            self._changed.wait_for(lambda: not self._held or self._held + size <= self._most)
            self._held += size
        try:
            yield
        finally:
            with self._changed:
                self._held -= size
                self._changed.notify_all()
