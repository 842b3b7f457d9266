"""What changed since: in its order, complete, and of one tenant; over both databases."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from service.store import changes as module
from service.store.base import MAX_LOSSES
from service.store.changes import FIRST, Changes
from service.store.migrate import migrate
from service.store.sql import SqlStore
from service.store.tables import jobs
from service.store.transactions import connect
from service.tenants import TENANT
from tests.service.made import a_job

LEASE = timedelta(seconds=60)


@pytest.fixture
def changes(store) -> Changes:
    return Changes(store.engine)


def ids(found) -> list[str]:
    return [change.id for change in found]


def test_changes_come_in_their_order_and_from_any_place_on(store, changes, monkeypatch):
    monkeypatch.setattr(module, "_PIECE", 3)
    everyone = [f"{n:032x}" for n in range(10)]
    store.add([a_job(job_id) for job_id in everyone])  # all at the same time
    store.add([a_job("f" * 32, tenant="theirs")])
    found = list(changes.after(TENANT, FIRST))
    assert ids(found) == everyone
    for n, change in enumerate(found):
        assert ids(changes.after(TENANT, change.place)) == everyone[n + 1 :]
    store.claim_next("w", LEASE)
    (change,) = changes.after(TENANT, found[-1].place)
    assert (change.status, change.version) == ("STARTED", 2)
    assert changes.newest(TENANT) == change.updated_at
    assert ids(changes.after(TENANT, FIRST))[-1] == change.id


def test_a_change_that_comes_to_light_late_is_among_those_around(store, changes):
    early, late, old = "a" * 32, "b" * 32, "c" * 32
    store.add([a_job(early), a_job(late), a_job(old)])
    now = changes.newest(TENANT)
    behind = {late: 1, old: 60}
    with store.engine.begin() as connection:
        for job_id, seconds in behind.items():
            earlier = now - timedelta(seconds=seconds)
            connection.execute(update(jobs).where(jobs.c.id == job_id).values(updated_at=earlier))
    assert ids(changes.around(TENANT, now)) == [late, early]


@pytest.mark.parametrize("end", ["finish", "fail", "hand_back", "fail_lost"])
def test_what_had_to_wait_for_its_turn_to_write_comes_after_what_was_written_meanwhile(
    tmp_path, end
):
    engine = connect(f"sqlite:///{tmp_path / 'jobs.db'}")
    migrate(engine)
    store, changes = SqlStore(engine), Changes(engine)
    ended, other = "a" * 32, "b" * 32
    store.add([a_job(ended), a_job(other)])
    for _ in range(MAX_LOSSES if end == "fail_lost" else 1):
        job = store.claim(ended, "w", -LEASE if end == "fail_lost" else LEASE)
    call = {
        "finish": lambda: store.finish(ended, job.lease_token, "{}", needs_review=False),
        "fail": lambda: store.fail(ended, job.lease_token, {"code": "x", "title": "X"}),
        "hand_back": lambda: store.hand_back("w"),
        "fail_lost": lambda: store.fail_lost({"code": "x", "title": "X"}),
    }[end]
    waiting = threading.Thread(target=call)
    with engine.begin() as connection:
        waiting.start()
        time.sleep(0.3)  # by then it waits for this transaction to end
        written = datetime.now(UTC)
        connection.execute(update(jobs).where(jobs.c.id == other).values(updated_at=written))
    waiting.join()
    (change,) = changes.after(TENANT, (written, other))
    assert (change.id, change.version) == (ended, job.version + 1)
    engine.dispose()


def test_a_deleted_task_is_a_change_with_nothing_in_it(store, changes):
    store.add([a_job(batch="1" * 32)])
    store.delete(TENANT, "a" * 32)
    (change,) = changes.of_batch(TENANT, "1" * 32)
    assert (change.is_final, change.filename, change.status) == (True, "", "REVOKED")
    assert change.deleted_at is not None


def test_a_task_whose_time_is_over_is_told_as_deleted_before_somebody_deletes_it(store, changes):
    over = datetime.now(UTC) - timedelta(seconds=1)
    error = {"code": "empty_file", "title": "It is empty"}
    values = {"status": "FAILURE", "error": error, "expires_at": over, "batch": "1" * 32}
    store.add([a_job(**values), a_job("b" * 32, batch="1" * 32)])
    gone, kept = changes.of_batch(TENANT, "1" * 32)
    assert (gone.is_final, gone.filename, gone.error, gone.status) == (True, "", None, "FAILURE")
    assert (gone.deleted_at, kept.deleted_at) == (over, None)
    assert list(changes.after(TENANT, FIRST)) == changes.of_tasks(TENANT, [gone.id, kept.id])


def test_a_tenant_without_tasks_has_no_changes(changes):
    assert changes.newest(TENANT) == FIRST[0]
    assert list(changes.around(TENANT, FIRST[0])) == []
    assert changes.of_tasks(TENANT, ["a" * 32]) == changes.of_batch(TENANT, "b" * 32) == []
