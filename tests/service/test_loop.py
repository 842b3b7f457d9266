"""The embedded worker's life: it ends when its pipe is closed, whatever else is away by then."""

import os
from datetime import timedelta

from invoice_extraction.model.options import Options
from service.errors import ServiceUnavailable
from service.jobs import Jobs
from service.loop import Loop
from service.queue import NoQueue
from service.storage.disk import DiskStorage


def test_a_worker_ends_in_order_though_the_database_is_away(sqlite_store, tmp_path, monkeypatch):
    jobs = Jobs(
        store=sqlite_store,
        storage=DiskStorage(tmp_path),
        queue=NoQueue(),
        base_options=Options(),
        lease=timedelta(seconds=3),
    )

    def away(_worker):
        raise ServiceUnavailable("The database does not answer.")

    monkeypatch.setattr(sqlite_store, "hand_back", away)
    wake, parent = os.pipe()
    os.close(parent)
    try:
        assert Loop(jobs, "w", 1, 1).run(wake)
    finally:
        os.close(wake)
