"""How work is announced: a message carries a job's id, never a document, and may be lost at any time.

The job's row is the truth: a worker finds each waiting row even when every message is gone. That makes
`announced_at` in the row the outbox of announcements (docs/decisions/0003).
"""

import logging
import queue
import threading
import time
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from service.errors import ServiceError, ServiceUnavailable

if TYPE_CHECKING:
    from celery import Celery

log = logging.getLogger(__name__)

BROKER_OPTIONS = {
    "visibility_timeout": 1800,  # seconds; at least 3 x the longest job, else it is started twice
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "queue_order_strategy": "priority",
    "socket_keepalive": True,
    "socket_connect_timeout": 3,
    "socket_timeout": 10,
}
"""kombu's settings for Redis; with its defaults a killed worker's message came back after 107 s."""

PAUSE = 5.0
"""Seconds without announcements after the broker did not answer; the workers' upkeep sends them then."""


class Task(StrEnum):
    """The names of background tasks; what each does is in `service.tasks`."""

    PROCESS_JOB = "invoices.process_job"


class Queue(Protocol):
    """Tells workers of jobs; never blocks and never raises, since the workers find the rows anyway."""

    def announce(self, job_ids: list[str]) -> None:
        """Tell that these jobs wait."""
        ...

    def check(self) -> None:
        """Return when an announcement would arrive; raises ServiceUnavailable."""
        ...

    def close(self) -> None:
        """Stop; what was not announced yet is found by the workers."""
        ...


class NoQueue:
    """Announces nothing: the embedded worker itself, which claims rows as they come."""

    def announce(self, job_ids: list[str]) -> None:
        """See `Queue.announce`."""

    def check(self) -> None:
        """See `Queue.check`."""

    def close(self) -> None:
        """See `Queue.close`."""


class CeleryQueue:
    """Sends ids to Celery workers from a thread of its own, so that no upload waits for the broker."""

    def __init__(self, url: str, announced: Callable[[list[str]], None]) -> None:
        self._url = url
        self._announced = announced
        self._waiting: queue.SimpleQueue[list[str] | None] = queue.SimpleQueue()
        self._celery: Celery | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._paused_until = 0.0

    def announce(self, job_ids: list[str]) -> None:
        """See `Queue.announce`."""
        if not job_ids:
            return
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="announce", daemon=True)
                self._thread.start()
        self._waiting.put(job_ids)

    def check(self) -> None:
        """See `Queue.check`."""
        try:
            with self._client().connection_for_write() as connection:
                connection.ensure_connection(max_retries=1, interval_start=0, timeout=3)
        except self._failures() as exc:
            raise ServiceUnavailable("The broker does not answer.") from exc

    def close(self) -> None:
        """See `Queue.close`."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while (job_ids := self._waiting.get()) is not None:
            if time.monotonic() < self._paused_until:
                continue  # the workers' upkeep announces them
            try:
                for job_id in job_ids:
                    self._client().send_task(
                        Task.PROCESS_JOB, args=[job_id], task_id=job_id, retry=False
                    )
                self._announced(job_ids)
            except self._failures() as exc:
                self._paused_until = time.monotonic() + PAUSE
                log.warning("the broker does not answer", extra={"error": type(exc).__name__})
            except ServiceError as exc:
                log.warning("announced, but not recorded", extra={"code": exc.code})

    def _client(self) -> "Celery":
        if self._celery is None:
            from celery import Celery

            self._celery = Celery("invoices", broker=self._url, set_as_current=False)
            self._celery.conf.update(
                task_ignore_result=True,
                task_serializer="json",
                broker_transport_options=BROKER_OPTIONS,
            )
        return self._celery

    def _failures(self) -> tuple[type[Exception], ...]:
        from kombu.exceptions import OperationalError

        return (OperationalError, OSError, *self._client().connection_for_write().connection_errors)
