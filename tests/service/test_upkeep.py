"""A worker's own care: it goes on while files are swept."""

import signal
import threading
import time
from datetime import timedelta

import pytest

from invoice_extraction.model.options import Options
from service.errors import ServiceUnavailable
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


def test_a_sweep_that_was_broken_off_is_made_again_soon_whatever_becomes_of_expiry(
    jobs, monkeypatch
):
    tried = []

    def broken_off(_jobs):
        tried.append(1)
        if len(tried) < 3:
            raise ServiceUnavailable("The database does not answer.")
        return 0

    def stuck(_jobs):
        raise ServiceUnavailable("A folder cannot be deleted.")

    monkeypatch.setattr("service.upkeep.EXPIRY_SECONDS", 0.01)
    monkeypatch.setattr(Jobs, "sweep", broken_off)
    monkeypatch.setattr(Jobs, "expire", stuck)
    upkeep = Upkeep(jobs, "w")
    upkeep.start()
    try:
        wait_until(lambda: len(tried) == 3, 5)
        time.sleep(0.2)
        assert len(tried) == 3  # one that was made is for a day
    finally:
        upkeep.stop()


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
