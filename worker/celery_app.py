"""The worker on a broker: `celery -A worker.celery_app worker --loglevel=info`.

Jobs run in threads, which wait; readers in processes of their own compute. Jobs that wait for OCR are
handed over to threads of our own, which find them in the database, so that none of Celery's is held for
long. Celery's own time limits and soft shutdown do not exist for threads, so stopping is ours: `_stop` below.
"""

import logging
import os
import secrets
import threading
import time
from functools import lru_cache
from typing import Any

from celery import Celery, signals
from celery.exceptions import Reject
from sqlalchemy.exc import OperationalError

from config.config import get_settings
from service.errors import ServiceError
from service.lane import Lane
from service.logs import bound, configure
from service.loop import GRACE_SECONDS
from service.queue import BROKER_OPTIONS, Task
from service.tasks import handlers
from service.upkeep import Upkeep, give_back
from service.wiring import SCANS_IN_FLIGHT, Services, build_worker, jobs_in_flight
from worker.garbage import collect_seldom, return_at_once

log = logging.getLogger(__name__)

DEFAULT_BROKER = "redis://localhost:6379/0"
"""Where the worker listens when BROKER_URL (or REDIS_URL) is not set."""

WORKER = secrets.token_hex(16)

settings = get_settings()
celery_app = Celery(
    "invoices",
    broker=settings.broker_url.get_secret_value() if settings.broker_url else DEFAULT_BROKER,
)
celery_app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_retry_on_worker_lost=True,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    worker_pool="threads",
    worker_concurrency=jobs_in_flight(settings),
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    broker_transport_options=BROKER_OPTIONS,
)


@lru_cache
def get_services() -> Services:
    """Return the process's services, started; the first call waits for the database."""
    return_at_once()
    services = build_worker(settings)
    services.start()
    collect_seldom()
    return services


@lru_cache
def get_scans() -> Lane:
    """Return the process's threads for jobs that wait for OCR; not started."""
    jobs = get_services().jobs
    return Lane(jobs, WORKER, "scan", SCANS_IN_FLIGHT, jobs.handed_over)


class Running:
    """Counts the jobs that run here, so that a stop can wait for them."""

    def __init__(self) -> None:
        self.stopping = False
        self._count = 0
        self._changed = threading.Condition()

    def __enter__(self) -> None:
        with self._changed:
            self._count += 1

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    def wait(self, seconds: float) -> bool:
        """Return whether every job ended within that time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._count == 0, seconds)


running = Running()


def _register(task: str) -> None:
    """Give a task of the table its Celery name; its function is looked up when the first one runs."""

    @celery_app.task(name=str(task))  # type: ignore[untyped-decorator]
    def run(item_id: str) -> None:
        with running, bound(job_id=item_id):
            if running.stopping:
                raise Reject("this worker stops", requeue=True)
            handlers(get_services().jobs, WORKER)[Task(task)](item_id)


for _task in Task:
    _register(_task)


@signals.setup_logging.connect  # type: ignore[untyped-decorator]
def _logging(loglevel: int, **_: Any) -> None:
    """Log as the API does, at --loglevel; connecting this keeps Celery from setting up its own."""
    configure(logging.getLevelName(loglevel))


@signals.worker_init.connect  # type: ignore[untyped-decorator]
def _say_where(**_: Any) -> None:
    """Say so when nobody announces jobs here."""
    if settings.broker_url is None:
        log.warning(
            "BROKER_URL is not set: this worker listens on %s, where no API announces jobs until "
            "REDIS_URL=%s is set for the API too",
            DEFAULT_BROKER,
            DEFAULT_BROKER,
        )


@signals.worker_ready.connect  # type: ignore[untyped-decorator]
def _start(**_: Any) -> None:
    """Wait for the database, then give signs of life and look for scans; without it nothing can be done."""
    try:
        services = get_services()
    except (OperationalError, ServiceError):
        # Celery would log this and call itself ready; a supervisor starts an ended process again
        log.critical("the worker cannot start and ends", exc_info=True)
        os._exit(1)
    Upkeep(services.jobs, WORKER).start()
    get_scans().start()


@signals.worker_shutting_down.connect  # type: ignore[untyped-decorator]
def _shut_down(**_: Any) -> None:
    """Claim no more; in a thread, since Celery calls this from a signal handler."""
    running.stopping = True
    threading.Thread(target=_stop, name="stop", daemon=True).start()


def _stop() -> None:
    """Let running jobs end for a while, give the rest back, and then do not wait for their threads."""
    deadline = time.monotonic() + GRACE_SECONDS
    scans = get_scans()
    scans.stop()
    services = get_services()
    if services.courier is not None:
        services.courier.stop()
    ended = running.wait(GRACE_SECONDS) and scans.drain(deadline)
    give_back(services.jobs, WORKER)
    if not ended:
        services.readers.close()
        os._exit(0)
