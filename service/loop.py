"""The embedded worker: claims rows as long as its wake pipe is open, carries them out in threads."""

import os
import select
import threading
import time

from service.jobs import Jobs
from service.lane import POLL_SECONDS, Lane
from service.upkeep import Upkeep, give_back

GRACE_SECONDS = 20.0
"""How long running jobs may go on after a stop; then they are given back."""


class Loop:
    """One worker's life: `run` returns when its pipe was closed or `stop` was called.

    `in_flight` jobs and beside them `scans` that wait for OCR are carried out at a time.
    """

    def __init__(self, jobs: Jobs, worker: str, in_flight: int, scans: int) -> None:
        self._jobs = jobs
        self._worker = worker
        self._woken = threading.Event()
        self._lanes = (
            Lane(jobs, worker, "fast", in_flight, self._woken),
            Lane(jobs, worker, "scan", scans, jobs.handed_over),
        )
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
        for lane in self._lanes:
            lane.start()
        while not self._stopping.is_set():
            self._look(wake)
        for lane in self._lanes:
            lane.stop()
        deadline = time.monotonic() + GRACE_SECONDS
        ended = all(lane.drain(deadline) for lane in self._lanes)
        upkeep.stop()
        give_back(self._jobs, self._worker)
        return ended

    def _look(self, wake: int) -> None:
        """Wait a moment for a byte, which wakes the fast lane; a closed pipe ends the work."""
        readable, _, _ = select.select([wake], [], [], POLL_SECONDS)
        if not readable:
            return
        if os.read(wake, 65_536):
            self._woken.set()
        else:
            self._stopping.set()
