"""The worker beside the API, where there is no broker: `python -m worker.embedded`.

Standard input is the wake pipe: a byte wakes, its end stops. Of several children (more API processes,
a reload) the one that holds the lock in DATA_DIR works; the others wait until it ends or they are told
to stop themselves.
"""

import fcntl
import logging
import os
import secrets
import select
import signal
import sys
from pathlib import Path
from typing import BinaryIO

from config.config import get_settings
from service.logs import configure
from service.loop import Loop
from service.wiring import SCANS_IN_FLIGHT, build_worker, jobs_in_flight
from worker.garbage import collect_seldom, return_at_once

log = logging.getLogger(__name__)


def main() -> None:
    """Work until standard input ends."""
    settings = get_settings()
    configure(settings.log_level)
    wake = sys.stdin.fileno()
    lock = _lock(settings.data_dir / "worker.lock", wake)
    if lock is None:
        return
    return_at_once()
    services = build_worker(settings)
    services.start()
    collect_seldom()
    worker = secrets.token_hex(16)
    loop = Loop(services.jobs, worker, jobs_in_flight(settings), SCANS_IN_FLIGHT)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: loop.stop())
    ended = loop.run(wake)
    services.stop()
    if not ended:
        os._exit(0)  # threads still wait for a model; their jobs were given back


def _lock(path: Path, wake: int) -> BinaryIO | None:
    """Return the held lock; None when the pipe closed before it was free."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = path.open("ab")
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            readable, _, _ = select.select([wake], [], [], 0.2)
            if readable and not os.read(wake, 65_536):
                return None
        else:
            return file


if __name__ == "__main__":
    main()
