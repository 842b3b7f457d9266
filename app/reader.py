"""The page readers of this process: whose turn it is, and what they are asked for at the door."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from anyio import to_thread

from app.errors import ReaderBusy
from invoice_extraction.errors import DocumentError
from invoice_extraction.sandbox.client import Readers, ReadersUnavailable
from service.incoming import Incoming

WAIT = 5.0
"""Seconds that a caller waits for the reader."""

PATIENCE = 30.0
"""Seconds that a thumbnail waits for those before it: a list asks for fifty at a time."""

LOCKABLE = "application/pdf"


class Reader:
    """Draws one file at a time, and beside it unlocks one; it belongs to one event loop."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers
        self._drawing = asyncio.Lock()
        self._thumbnails = asyncio.Lock()
        self._unlocking = asyncio.Lock()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Readers]:
        """Give the readers to one caller alone, to draw pages.

        Raises:
            ReaderBusy: Others had them for too long, or the block found none.
        """
        async with self._held(self._drawing) as readers:
            yield readers

    @asynccontextmanager
    async def thumbnail_turn(self) -> AsyncIterator[Readers]:
        """As `turn`, to draw a thumbnail: whoever opens a page waits for one of them, not for all of a list."""
        async with self._held(self._thumbnails, PATIENCE), self.turn() as readers:
            yield readers

    @asynccontextmanager
    async def _held(self, lock: asyncio.Lock, wait: float = WAIT) -> AsyncIterator[Readers]:
        try:
            async with asyncio.timeout(wait):
                await lock.acquire()
        except TimeoutError:
            raise ReaderBusy("Other files are being read at the moment.") from None
        try:
            yield self._readers
        except ReadersUnavailable as exc:
            raise ReaderBusy("The page reader does not start, or the service stops.") from exc
        finally:
            lock.release()

    async def unlock(self, files: Iterable[Incoming], password: str) -> None:
        """Take the lock from those files that the password opens; the rest stay as they came.

        One that is locked and stays so is refused as a file of its own; so is one for which no reader is
        free in time. The password goes no further.

        Raises:
            StorageFull, ServiceUnavailable: A file cannot be kept.
        """
        for file in files:
            if file.media_type == LOCKABLE and not file.too_large:
                try:
                    async with self._held(self._unlocking) as readers:
                        await to_thread.run_sync(_unlock, file, password, readers)
                except ReaderBusy as error:
                    error.hint = "Send this file again in a few seconds."
                    file.refusal = error


def _unlock(file: Incoming, password: str, readers: Readers) -> None:
    try:
        data = readers.unlocked(b"".join(file.pieces()), password)
    except DocumentError as error:
        file.refusal = error
        return
    if data is not None:
        file.replace(data)
