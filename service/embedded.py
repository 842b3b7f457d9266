"""The one worker beside the API, where there is no broker: a child process, woken through a pipe."""

import contextlib
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from service.errors import ServiceUnavailable

log = logging.getLogger(__name__)

ROOT = Path(__file__).parent.parent
SHORTEST_DELAY = 0.2
"""Seconds before a child that ended is started again; twice as long each time, up to ten."""

STOP_SECONDS = 25.0
"""How long the child may take to end its jobs or give them back, before it is killed."""


class EmbeddedWorker:
    """See `Queue`. Starts the child by exec, starts it again when it dies, ends it with the pipe.

    Every API process starts a child of its own; a lock in DATA_DIR lets one of them work, the others
    wait for it to end. So however many API processes and reloads there are, one worker works.
    """

    def __init__(self, environment: Callable[[], dict[str, str]]) -> None:
        self._environment = environment
        self._child: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None

    def start(self) -> None:
        """Start the child, and watch over it."""
        self._spawn()
        self._watcher = threading.Thread(target=self._watch, name="embedded-worker", daemon=True)
        self._watcher.start()

    def announce(self, job_ids: list[str]) -> None:
        """Wake the child; it looks for itself, so one byte stands for any number of jobs."""
        child = self._child
        if job_ids and child is not None and child.stdin is not None:
            # it has wake-ups enough, or it is gone and looks for itself when it is back
            with contextlib.suppress(BlockingIOError, BrokenPipeError, ValueError):
                os.write(child.stdin.fileno(), b"\n")

    def check(self) -> None:
        """See `Queue.check`."""
        if self._child is None or self._child.poll() is not None:
            raise ServiceUnavailable("The worker process is not running.")

    def close(self) -> None:
        """Close the pipe: the child ends its jobs, or gives them back, and exits."""
        self._stopping.set()
        child = self._child
        if child is None:
            return
        if child.stdin is not None:
            child.stdin.close()
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            log.exception("the worker did not stop and is killed", extra={"pid": child.pid})
            child.kill()
            child.wait()

    def _spawn(self) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "worker.embedded"],
            stdin=subprocess.PIPE,
            cwd=ROOT,
            env=self._environment(),
            start_new_session=True,  # Ctrl-C reaches the API alone, which then stops the child
        )
        if self._child.stdin is not None:
            os.set_blocking(self._child.stdin.fileno(), False)
        log.info("worker started", extra={"pid": self._child.pid})

    def _watch(self) -> None:
        """Start the child again whenever it ends though nobody asked it to."""
        delay = SHORTEST_DELAY
        while self._child is not None:
            began = time.monotonic()
            code = self._child.wait()
            if time.monotonic() - began > 60:
                delay = SHORTEST_DELAY
            if self._stopping.wait(delay):
                return
            log.error("the worker ended and is started again", extra={"exit_code": code})
            delay = min(delay * 2, 10.0)
            try:
                self._spawn()
            except OSError:
                log.exception("the worker cannot be started")  # tried again after the delay
