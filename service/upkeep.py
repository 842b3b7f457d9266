"""A worker's own care: signs of life, jobs that lost their worker, announcements that got lost; its end."""

import contextlib
import logging
import math
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator

from service.errors import ServiceError
from service.jobs import Jobs

log = logging.getLogger(__name__)

REAP_SECONDS = 5.0
"""How often waiting rows are looked through; two reads of an index when there is nothing to do."""


EXPIRY_SECONDS = 60.0
"""How often documents are looked for whose time is over; one read of an index when there are none."""

SWEEP_SECONDS = 86_400.0
"""How often files that belong to no job are looked for."""


class Upkeep:
    """Beats and reaps in a thread of its own, and sweeps in another, from `start` to `stop`.

    A sweep may take longer than a lease: it asks the storage for every folder. A worker without upkeep
    would hold jobs for ever or lose them: when a thread dies of a fault, it asks the process to end, and
    a supervisor starts another.
    """

    def __init__(self, jobs: Jobs, worker: str) -> None:
        self._jobs = jobs
        self._worker = worker
        self._stopping = threading.Event()
        self._caring = self._thread("upkeep", self._care)
        self._sweeping = self._thread("sweep", self._sweep)

    def start(self) -> None:
        """Give the first sign of life, then go on in the background."""
        self._caring.start()
        self._sweeping.start()

    def stop(self) -> None:
        """End; the worker's leases run out unless they are given back. A sweep is not waited for."""
        self._stopping.set()
        self._caring.join()

    def _thread(self, name: str, work: Callable[[], None]) -> threading.Thread:
        return threading.Thread(target=self._run, args=(work,), name=name, daemon=True)

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            if not self._stopping.is_set():
                log.critical("upkeep ended by a fault; the worker ends")
                os.kill(os.getpid(), signal.SIGTERM)

    def _care(self) -> None:
        lease = self._jobs.lease
        pause = min(REAP_SECONDS, lease.total_seconds() / 4)
        beaten = -math.inf
        while True:
            try:
                if time.monotonic() - beaten >= lease.total_seconds() / 4:
                    self._jobs.store.beat(self._worker, lease, self._jobs.running.tokens())
                    beaten = time.monotonic()
                self._jobs.reap()
            except ServiceError as exc:
                log.warning("upkeep waits", extra={"code": exc.code})
            if self._stopping.wait(pause):
                return

    def _sweep(self) -> None:
        swept = -math.inf
        while True:
            # each by itself: a folder that cannot be deleted does not put off all else
            with _told():
                if expired := self._jobs.expire():
                    log.info("documents expired", extra={"documents": expired})
            if time.monotonic() - swept >= SWEEP_SECONDS:
                with _told():
                    log.info("swept", extra={"removed": self._jobs.sweep()})
                    swept = time.monotonic()  # one that was broken off is made again soon
            if self._stopping.wait(EXPIRY_SECONDS):
                return


def give_back(jobs: Jobs, worker: str) -> None:
    """Give back what a worker that stops has in hand; where the database is away, its leases run out."""
    try:
        given = jobs.store.hand_back(worker)
    except ServiceError as exc:
        log.warning("worker stops, and nothing is given back", extra={"code": exc.code})
    else:
        log.info("worker stops", extra={"given_back": len(given)})


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Log what passes and let the thread go on."""
    try:
        yield
    except ServiceError as exc:
        log.warning("the sweep was broken off", extra={"code": exc.code})
