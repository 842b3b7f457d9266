"""A worker's own care: signs of life, jobs that lost their worker, announcements that got lost."""

import logging
import threading
import time

from service.errors import ServiceError
from service.jobs import Jobs

log = logging.getLogger(__name__)

REAP_SECONDS = 5.0
"""How often waiting rows are looked through; two reads of an index when there is nothing to do."""


class Upkeep:
    """Beats and reaps in a thread of its own, from `start` to `stop`."""

    def __init__(self, jobs: Jobs, worker: str) -> None:
        self._jobs = jobs
        self._worker = worker
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)

    def start(self) -> None:
        """Give the first sign of life, then go on in the background."""
        self._thread.start()

    def stop(self) -> None:
        """End; the worker's leases run out unless they are given back."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        lease = self._jobs.lease
        pause = min(REAP_SECONDS, lease.total_seconds() / 4)
        beaten = -lease.total_seconds()
        while True:
            try:
                if time.monotonic() - beaten >= lease.total_seconds() / 4:
                    self._jobs.store.beat(self._worker, lease)
                    beaten = time.monotonic()
                self._jobs.reap()
            except ServiceError as exc:
                log.warning("upkeep waits", extra={"code": exc.code})
            if self._stopping.wait(pause):
                return
