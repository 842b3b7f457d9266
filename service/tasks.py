"""What each background task does: the table that a broker's worker registers."""

from collections.abc import Callable, Mapping

from service.jobs import Jobs
from service.queue import Task


def handlers(jobs: Jobs, worker: str) -> Mapping[Task, Callable[[str], None]]:
    """Return the function behind each task; each takes one id."""
    return {Task.PROCESS_JOB: lambda job_id: jobs.process(job_id, worker)}
