"""A lane's threads: they claim its rows from the database and carry them out."""

import logging
import os
import signal
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

from service.errors import ServiceError
from service.jobs import Jobs
from service.logs import bound
from service.store import base
from service.store.base import Job

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
"""How long a row may wait when its wake-up got lost, or reached another process."""


class Lane:
    """Carries out the jobs of one lane, so many at a time, from `start` to `stop`.

    It looks for one whenever `woken` is set, and each POLL_SECONDS. A worker that claims nothing would
    let its jobs wait for ever: when the claiming thread dies of a fault, it asks the process to end, and
    a supervisor starts another.
    """

    def __init__(
        self, jobs: Jobs, worker: str, lane: base.Lane, threads: int, woken: threading.Event
    ) -> None:
        self._jobs = jobs
        self._worker = worker
        self._lane = lane
        self._threads = threads
        self._woken = woken
        self._free = threading.BoundedSemaphore(threads)
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=lane)
        self._claimer = threading.Thread(target=self._run, name=f"{lane}-lane", daemon=True)

    def start(self) -> None:
        """Begin to claim, in the background."""
        self._claimer.start()

    def stop(self) -> None:
        """Claim no more; what is being carried out goes on."""
        self._stopping.set()
        self._woken.set()

    def drain(self, deadline: float) -> bool:
        """Wait for running jobs until then, by the monotonic clock; return whether all have ended.

        Only after this is sure that nothing more is claimed.
        """
        if self._claimer.is_alive():
            self._claimer.join(max(0.0, deadline - time.monotonic()))
        return not self._claimer.is_alive() and all(
            self._free.acquire(timeout=max(0.0, deadline - time.monotonic()))
            for _ in range(self._threads)
        )

    def _run(self) -> None:
        try:
            self._claim()
        finally:
            if not self._stopping.is_set():
                log.critical("a lane ended by a fault; the worker ends", extra={"lane": self._lane})
                os.kill(os.getpid(), signal.SIGTERM)

    def _claim(self) -> None:
        while not self._stopping.is_set():
            if not self._free.acquire(timeout=POLL_SECONDS):
                continue
            self._woken.clear()  # before the look: what comes after it wakes again
            job = self._next()
            if job is None:
                self._free.release()
                self._woken.wait(POLL_SECONDS)
            else:
                self._pool.submit(self._carry_out, job).add_done_callback(_tell)

    def _next(self) -> Job | None:
        """Claim a job; None when there is nothing to do just now."""
        try:
            return self._jobs.store.claim_next(self._worker, self._jobs.lease, self._lane)
        except ServiceError as exc:
            log.warning("no job can be claimed", extra={"code": exc.code})
            return None

    def _carry_out(self, job: Job) -> None:
        with bound(job_id=job.id, request_id=job.request_id):
            try:
                self._jobs.carry_out(job)
            finally:
                self._free.release()


def _tell(done: Future[None]) -> None:
    """Log the fault of ours that ended a job; its own edge has marked it failed."""
    if error := done.exception():
        log.error("job ended by a fault", exc_info=error)
