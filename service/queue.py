"""How work is announced: a message carries a job's id, never a document, and may be lost at any time."""

from enum import StrEnum
from typing import Protocol


class Task(StrEnum):
    """The names of background tasks; what each does is in `service.tasks`."""

    PROCESS_JOB = "invoices.process_job"


class Queue(Protocol):
    """Tells workers of jobs; never blocks, never raises: the row is the truth, workers find it anyway."""

    def announce(self, job_ids: list[str]) -> None:
        """Tell that these jobs wait."""
        ...

    def check(self) -> None:
        """Return when an announcement would arrive; raises ServiceUnavailable."""
        ...

    def close(self) -> None:
        """Stop; what was not announced yet is found by the workers."""
        ...
