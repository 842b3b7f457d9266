"""The embedded worker: claims rows as long as its wake pipe is open, carries them out in threads."""

import logging
import os
import select
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

from service.errors import ServiceError
from service.jobs import Jobs
from service.logs import bound
from service.store.base import Job
from service.upkeep import Upkeep

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
"""How long a row may wait when its wake-up got lost: another API process's child holds the lock."""

GRACE_SECONDS = 20.0
"""How long running jobs may go on after a stop; then they are given back."""


class Loop:
    """One worker's life: `run` returns when its pipe was closed or `stop` was called."""

    def __init__(self, jobs: Jobs, worker: str, in_flight: int) -> None:
        self._jobs = jobs
        self._worker = worker
        self._in_flight = in_flight
        self._free = threading.BoundedSemaphore(in_flight)
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Claim no more."""
        self._stopping.set()

    def run(self, wake: int) -> bool:
        """Work until the pipe closes; return True when every job has ended, False where some go on.

        What goes on has been given back by then: the caller ends its readers and exits.
        """
        upkeep = Upkeep(self._jobs, self._worker)
        upkeep.start()
        pool = ThreadPoolExecutor(self._in_flight, thread_name_prefix="job")
        while not self._stopping.is_set():
            if not self._free.acquire(timeout=POLL_SECONDS):
                self._look(wake, 0)  # all threads are busy; only the pipe's end matters
                continue
            job = self._next()
            if job is None:
                self._free.release()
                self._look(wake, POLL_SECONDS)
            else:
                pool.submit(self._carry_out, job).add_done_callback(_tell)
        upkeep.stop()
        ended = self._drain()
        given = self._jobs.store.hand_back(self._worker)
        log.info("worker stops", extra={"given_back": len(given)})
        pool.shutdown(wait=ended)
        return ended

    def _next(self) -> Job | None:
        """Claim a job; None when there is nothing to do just now."""
        try:
            return self._jobs.store.claim_next(self._worker, self._jobs.lease)
        except ServiceError as exc:
            log.warning("no job can be claimed", extra={"code": exc.code})
            return None

    def _look(self, wake: int, seconds: float) -> None:
        """Sleep for so long or until woken; a closed pipe ends the work."""
        readable, _, _ = select.select([wake], [], [], seconds)
        if readable and not os.read(wake, 65_536):
            self._stopping.set()

    def _carry_out(self, job: Job) -> None:
        with bound(job_id=job.id, request_id=job.request_id):
            try:
                self._jobs.carry_out(job)
            finally:
                self._free.release()

    def _drain(self) -> bool:
        """Wait for running jobs, for a while; return whether all ended."""
        deadline = time.monotonic() + GRACE_SECONDS
        return all(
            self._free.acquire(timeout=max(0.0, deadline - time.monotonic()))
            for _ in range(self._in_flight)
        )


def _tell(done: Future[None]) -> None:
    """Log the fault of ours that ended a job; its own edge has marked it failed."""
    if error := done.exception():
        log.error("job ended by a fault", exc_info=error)
