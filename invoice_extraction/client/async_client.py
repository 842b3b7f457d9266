"""The client for programs that do other things meanwhile: `AsyncClient`."""

import time
from collections.abc import AsyncIterator
from functools import partial
from types import TracebackType
from typing import Any, BinaryIO, Self, TypeVar, Unpack

import anyio
import httpx
from anyio import to_thread

from invoice_extraction.client import calls, repeats
from invoice_extraction.client.answers import Accepted, Summary, Task
from invoice_extraction.client.calls import Again, Asked, Call, File, Filter
from invoice_extraction.client.errors import TaskFailed, WaitTimeout
from invoice_extraction.client.settings import HELD, PAGE, Settings
from invoice_extraction.model.extraction import Extraction

T = TypeVar("T")


class AsyncClient:
    """`Client` for asyncio and trio: the same methods, awaited."""

    def __init__(
        self,
        url: str = "http://localhost:8000",
        key: str | None = None,
        *,
        timeout: float = 60.0,
        retries: int = 5,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = Settings(url, key, timeout, retries)
        self._http = httpx.AsyncClient(**self._settings.http, transport=transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    # ---------------------------------------------------------------- extract

    async def extract(self, *files: File, timeout: float = 600.0, **asked: Unpack[Asked]) -> Task:
        """Send a document, wait for it, and return it; several pictures are its pages, in order.

        Raises:
            TaskFailed: It could not be read.
            WaitTimeout: It is not read in `timeout` seconds.
        """
        (accepted,) = await self.send(*files, combine=len(files) > 1, **asked)
        task = await self.wait(accepted.task_id, timeout=timeout)
        if task.status != "SUCCESS":
            raise TaskFailed(task)
        return task

    async def send(
        self, *files: File, combine: bool = False, **asked: Unpack[Asked]
    ) -> list[Accepted]:
        """Send documents and return an entry for each, in order; they are on disk then.

        With `combine` they are pictures of one document, which has the one entry.
        """
        made = partial(calls.send, files, asked, combine=combine)  # reads the files
        return await self._do(await to_thread.run_sync(made))

    async def status(self, task_id: str, wait: float = 0) -> Task:
        """Return a task; with `wait` (at most 30) as soon as it is final, or after so many seconds."""
        return await self._do(calls.status(task_id, wait))

    async def wait(self, task_id: str, timeout: float = 600.0) -> Task:
        """Return a task when it is final, whatever became of it.

        Raises:
            WaitTimeout: It is not, after `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        while True:
            began = time.monotonic()
            task = await self.status(task_id, wait=max(0.0, min(HELD, deadline - began)))
            if task.is_final:
                return task
            if time.monotonic() >= deadline:
                raise WaitTimeout(task)
            if time.monotonic() - began < 1:  # it was not held: the service stops, for one
                await anyio.sleep(1)

    # ---------------------------------------------------------------- documents

    async def documents(self, **asked: Unpack[Filter]) -> AsyncIterator[Summary]:
        """Yield documents newest first, asking for the next page when it is needed."""
        cursor: str | None = None
        while True:
            page = await self._do(calls.documents(asked, cursor, PAGE))
            for found in page.documents:
                yield found
            if (cursor := page.next) is None:
                return

    async def document(self, task_id: str) -> Task:
        """Return all that is known of a document."""
        return await self._do(calls.document(task_id))

    async def extraction(self, task_id: str) -> Extraction:
        """Return what `invoice_extraction.extract` would have returned for the document."""
        return await self._do(calls.extraction(task_id))

    async def file(self, task_id: str) -> bytes:
        """Return the file that was sent."""
        return await self._do(calls.file(task_id))

    async def correct(
        self, task_id: str, changes: dict[str, Any], etag: str, *, invoice: int = 1
    ) -> Task:
        """Change fields of an invoice's result, lists as a whole; `etag` is that of the task that was read.

        Raises:
            ApiError: Among others with the code stale, where somebody else changed it meanwhile.
        """
        return await self._do(calls.correct(task_id, invoice, changes, etag))

    async def confirm(self, task_id: str, etag: str | None = None) -> Task:
        """Say that a document's values are right, with `etag` only as they were read."""
        return await self._do(calls.act(task_id, "confirm", etag=etag))

    async def reject(self, task_id: str, etag: str | None = None) -> Task:
        """Say that a document is not to be used."""
        return await self._do(calls.act(task_id, "reject", etag=etag))

    async def reopen(self, task_id: str) -> Task:
        """Take the decision about a document back."""
        return await self._do(calls.act(task_id, "reopen"))

    async def retry(self, task_id: str, **asked: Unpack[Again]) -> Task:
        """Let a document be read again, by another engine for one; wait for it as for a new one."""
        return await self._do(calls.act(task_id, "retry", body=asked))

    async def cancel(self, task_id: str) -> Task:
        """End a document that is still on its way."""
        return await self._do(calls.act(task_id, "cancel"))

    async def delete(self, task_id: str) -> None:
        """Delete everything of a document."""
        await self._do(calls.delete(task_id))

    async def export(
        self, target: BinaryIO, format: str, *task_ids: str, **asked: Unpack[Filter]
    ) -> None:
        """Write the chosen documents, or those that are asked for, to a file: json, csv, lines or xlsx.

        Raises:
            Unreachable: The answer broke off; what was written is not whole.
        """
        request = self._settings.request(calls.export(format, task_ids, asked))
        with repeats.reaching():
            async with self._http.stream(**request) as answer:
                if not answer.is_success:
                    await answer.aread()
                async for piece in repeats.raised(answer).aiter_bytes():
                    await to_thread.run_sync(target.write, piece)

    # ---------------------------------------------------------------- how

    async def _do(self, call: Call[T]) -> T:
        tried = 0
        while True:
            outcome = await self._sent(self._settings.request(call))
            seconds = repeats.pause(call, outcome, tried)
            if seconds is None or tried == self._settings.retries:
                return call.read(repeats.raised(outcome, call.done if tried else None))
            await anyio.sleep(seconds)
            tried += 1

    async def _sent(self, request: dict[str, Any]) -> repeats.Outcome:
        try:
            return await self._http.request(**request)
        except httpx.TransportError as error:
            return error
