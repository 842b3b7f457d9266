"""Jobs as tests need them."""

from datetime import UTC, datetime

from service.store.base import Job


def a_job(job_id: str = "a" * 32, **values) -> Job:
    now = datetime.now(UTC)
    plain = {"filename": "a.pdf", "size": 3, "status": "PENDING"}
    return Job(id=job_id, **plain | {"created_at": now, "updated_at": now} | values)
