"""A worker's own care: it goes on while files are swept."""

import signal
import threading
from datetime import timedelta

import pytest

from invoice_extraction.model.options import Options
from service.jobs import Jobs
from service.queue import NoQueue
from service.storage.disk import DiskStorage
from service.upkeep import Upkeep
from tests.servers import wait_until


class SlowStorage(DiskStorage):
    """A storage that takes until it is let to tell its folders."""

    def __init__(self, folder) -> None:
        super().__init__(folder)
        self.asked, self.let = threading.Event(), threading.Event()

    def folders(self, tenant, before):
        self.asked.set()
        assert self.let.wait(20)
        return super().folders(tenant, before)


@pytest.fixture
def jobs(sqlite_store, tmp_path) -> Jobs:
    return Jobs(
        store=sqlite_store,
        storage=SlowStorage(tmp_path / "files"),
        queue=NoQueue(),
        base_options=Options(),
        lease=timedelta(seconds=0.4),
    )


def test_a_worker_gives_signs_of_life_and_stops_during_a_long_sweep(jobs, monkeypatch):
    beats, beat = [], jobs.store.beat
    monkeypatch.setattr(jobs.store, "beat", lambda *told: (beats.append(1), beat(*told)))
    upkeep = Upkeep(jobs, "w")
    upkeep.start()
    try:
        assert jobs.storage.asked.wait(5)
        before = len(beats)
        wait_until(lambda: len(beats) > before + 3, 5)
    finally:
        upkeep.stop()
        jobs.storage.let.set()


@pytest.mark.parametrize("duty", ["reap", "sweep"])
def test_upkeep_that_dies_of_a_fault_asks_its_process_to_end(jobs, monkeypatch, duty):
    asked = []

    def fault(_jobs):
        raise ZeroDivisionError

    monkeypatch.setattr("service.upkeep.os.kill", lambda _pid, number: asked.append(number))
    monkeypatch.setattr("threading.excepthook", lambda _: None)
    monkeypatch.setattr(Jobs, duty, fault)
    jobs.storage.let.set()
    upkeep = Upkeep(jobs, "w")
    upkeep.start()
    wait_until(lambda: asked == [signal.SIGTERM])
    upkeep.stop()
