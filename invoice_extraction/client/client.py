"""The client for programs that wait: `Client`."""

import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any, BinaryIO, Self, TypeVar, Unpack

import httpx

from invoice_extraction.client import calls, repeats
from invoice_extraction.client.answers import Accepted, Summary, Task
from invoice_extraction.client.calls import Again, Asked, Call, File, Filter
from invoice_extraction.client.errors import TaskFailed, WaitTimeout
from invoice_extraction.client.settings import HELD, PAGE, Settings
from invoice_extraction.model.extraction import Extraction

T = TypeVar("T")


class Client:
    """Sends documents to a service and reads what came of them. Safe for many threads.

    `key` is the API key, None in open mode. `timeout` are seconds for one answer. A request that did not
    get through is sent up to `retries` times more; an upload is carried out once all the same. `transport` is
    httpx's, for proxies and tests.
    """

    def __init__(
        self,
        url: str = "http://localhost:8000",
        key: str | None = None,
        *,
        timeout: float = 60.0,
        retries: int = 5,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._settings = Settings(url, key, timeout, retries)
        self._http = httpx.Client(**self._settings.http, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    # ---------------------------------------------------------------- extract

    def extract(self, *files: File, timeout: float = 600.0, **asked: Unpack[Asked]) -> Task:
        """Send a document, wait for it, and return it; several pictures are its pages, in order.

        Raises:
            TaskFailed: It could not be read.
            WaitTimeout: It is not read in `timeout` seconds.
        """
        (accepted,) = self.send(*files, combine=len(files) > 1, **asked)
        task = self.wait(accepted.task_id, timeout=timeout)
        if task.status != "SUCCESS":
            raise TaskFailed(task)
        return task

    def send(self, *files: File, combine: bool = False, **asked: Unpack[Asked]) -> list[Accepted]:
        """Send documents and return an entry for each, in order; they are on disk then.

        With `combine` they are pictures of one document, which has the one entry.
        """
        return self._do(calls.send(files, asked, combine=combine))

    def status(self, task_id: str, wait: float = 0) -> Task:
        """Return a task; with `wait` (at most 30) as soon as it is final, or after so many seconds."""
        return self._do(calls.status(task_id, wait))

    def wait(self, task_id: str, timeout: float = 600.0) -> Task:
        """Return a task when it is final, whatever became of it.

        Raises:
            WaitTimeout: It is not, after `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        while True:
            began = time.monotonic()
            task = self.status(task_id, wait=max(0.0, min(HELD, deadline - began)))
            if task.is_final:
                return task
            if time.monotonic() >= deadline:
                raise WaitTimeout(task)
            if time.monotonic() - began < 1:  # it was not held: the service stops, for one
                time.sleep(1)

    # ---------------------------------------------------------------- documents

    def documents(self, **asked: Unpack[Filter]) -> Iterator[Summary]:
        """Yield documents newest first, asking for the next page when it is needed."""
        cursor: str | None = None
        while True:
            page = self._do(calls.documents(asked, cursor, PAGE))
            yield from page.documents
            if (cursor := page.next) is None:
                return

    def document(self, task_id: str) -> Task:
        """Return all that is known of a document."""
        return self._do(calls.document(task_id))

    def extraction(self, task_id: str) -> Extraction:
        """Return what `invoice_extraction.extract` would have returned for the document."""
        return self._do(calls.extraction(task_id))

    def file(self, task_id: str) -> bytes:
        """Return the file that was sent."""
        return self._do(calls.file(task_id))

    def correct(
        self, task_id: str, changes: dict[str, Any], etag: str, *, invoice: int = 1
    ) -> Task:
        """Change fields of an invoice's result, lists as a whole; `etag` is that of the task that was read.

        Raises:
            ApiError: Among others with the code stale, where somebody else changed it meanwhile.
        """
        return self._do(calls.correct(task_id, invoice, changes, etag))

    def confirm(self, task_id: str, etag: str | None = None) -> Task:
        """Say that a document's values are right, with `etag` only as they were read."""
        return self._do(calls.act(task_id, "confirm", etag=etag))

    def reject(self, task_id: str, etag: str | None = None) -> Task:
        """Say that a document is not to be used."""
        return self._do(calls.act(task_id, "reject", etag=etag))

    def reopen(self, task_id: str) -> Task:
        """Take the decision about a document back."""
        return self._do(calls.act(task_id, "reopen"))

    def retry(self, task_id: str, **asked: Unpack[Again]) -> Task:
        """Let a document be read again, by another engine for one; wait for it as for a new one."""
        return self._do(calls.act(task_id, "retry", body=asked))

    def cancel(self, task_id: str) -> Task:
        """End a document that is still on its way."""
        return self._do(calls.act(task_id, "cancel"))

    def delete(self, task_id: str) -> None:
        """Delete everything of a document."""
        self._do(calls.delete(task_id))

    def export(
        self, target: BinaryIO, format: str, *task_ids: str, **asked: Unpack[Filter]
    ) -> None:
        """Write the chosen documents, or those that are asked for, to a file: json, csv, lines or xlsx.

        Raises:
            Unreachable: The answer broke off; what was written is not whole.
        """
        request = self._settings.request(calls.export(format, task_ids, asked))
        with repeats.reaching(), self._http.stream(**request) as answer:
            if not answer.is_success:
                answer.read()
            for piece in repeats.raised(answer).iter_bytes():
                target.write(piece)

    # ---------------------------------------------------------------- how

    def _do(self, call: Call[T]) -> T:
        tried = 0
        while True:
            outcome = self._sent(self._settings.request(call))
            seconds = repeats.pause(call, outcome, tried)
            if seconds is None or tried == self._settings.retries:
                return call.read(repeats.raised(outcome, call.done if tried else None))
            time.sleep(seconds)
            tried += 1

    def _sent(self, request: dict[str, Any]) -> repeats.Outcome:
        try:
            return self._http.request(**request)
        except httpx.TransportError as error:
            return error
