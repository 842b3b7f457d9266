import threading
import time
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import inspect

from service.errors import Expired, ServiceUnavailable, UnknownTask
from service.store.migrate import migrate
from service.store.sql import SqlStore, connect
from service.store.tables import metadata
from tests.service.made import a_job

LEASE = timedelta(seconds=60)
SHORT = timedelta(milliseconds=-1)
"""A lease that has run out when it is given."""


def test_a_job_comes_back_as_it_was_kept(store):
    job = a_job(options={"engine": "layout"}, details={"k": [1]}, reference="PO-7", sha256="f" * 64)
    store.add([job])
    assert store.get(job.id) == job


def test_an_unknown_job_is_told(store):
    with pytest.raises(UnknownTask):
        store.get("f" * 32)


def test_only_one_of_many_workers_gets_a_job(store):
    store.add([a_job()])
    won = []
    threads = [
        threading.Thread(target=lambda: won.append(store.claim("a" * 32, "w", LEASE)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([job for job in won if job]) == 1


def test_workers_that_claim_what_comes_next_never_share_a_job(store):
    store.add([a_job(f"{n:032x}") for n in range(40)])
    claimed = []

    def work():
        while job := store.claim_next("w", LEASE):
            claimed.append(job.id)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == [f"{n:032x}" for n in range(40)]


def test_the_oldest_job_is_claimed_first(store):
    store.add([a_job("b" * 32)])
    store.add([a_job("a" * 32)])
    assert store.claim_next("w", LEASE).id == "b" * 32


def test_a_result_is_written_once_and_only_by_the_holder_of_the_claim(store):
    store.add([a_job()])
    first = store.claim("a" * 32, "w1", SHORT)
    second = store.claim("a" * 32, "w2", LEASE)
    assert (first.losses, second.losses, second.attempts) == (0, 1, 2)
    assert not store.finish(first.id, first.lease_token, "{}", needs_review=False)
    assert store.finish(second.id, second.lease_token, '{"n": 1}', needs_review=True)
    assert not store.finish(second.id, second.lease_token, '{"n": 2}', needs_review=False)
    done = store.get(first.id)
    assert (done.status, done.extraction, done.needs_review) == ("SUCCESS", '{"n": 1}', True)


def test_a_worker_that_gives_signs_of_life_keeps_its_jobs(store):
    store.add([a_job()])
    job = store.claim("a" * 32, "w1", timedelta(milliseconds=400))
    store.beat("w1", LEASE, [job.lease_token])
    time.sleep(0.5)
    assert store.claim("a" * 32, "w2", LEASE) is None
    assert store.worker_seen_within(LEASE)


def test_a_sign_of_life_renews_neither_what_is_not_worked_on_nor_what_ran_out(store):
    store.add([a_job("a" * 32), a_job("b" * 32)])
    store.claim("a" * 32, "w1", timedelta(milliseconds=50))
    lost = store.claim("b" * 32, "w1", SHORT)
    store.beat("w1", LEASE, [lost.lease_token])
    time.sleep(0.06)
    assert store.claim_next("w2", LEASE)
    assert store.claim_next("w2", LEASE)


def test_a_job_that_loses_its_worker_three_times_is_failed(store):
    store.add([a_job()])
    for _ in range(3):
        assert store.claim_next("w", SHORT)
    assert store.claim_next("w", SHORT) is None
    assert store.claim("a" * 32, "w", SHORT) is None
    assert store.fail_lost({"code": "worker_lost"}) == ["a" * 32]
    job = store.get("a" * 32)
    assert (job.status, job.losses, job.error["code"]) == ("FAILURE", 3, "worker_lost")


def test_what_is_given_back_is_no_loss(store):
    store.add([a_job()])
    store.claim("a" * 32, "w1", LEASE)
    assert store.hand_back("w1") == ["a" * 32]
    again = store.claim_next("w2", LEASE)
    assert (again.losses, again.attempts) == (0, 2)


def test_a_postponed_job_waits_its_time_and_counts_a_retry(store):
    store.add([a_job()])
    job = store.claim("a" * 32, "w", LEASE)
    assert store.postpone(job.id, job.lease_token, timedelta(hours=1), {"code": "x"}, counted=True)
    assert store.claim_next("w", LEASE) is None
    waiting = store.get(job.id)
    assert (waiting.status, waiting.retries, waiting.error) == ("RETRY", 1, {"code": "x"})


def test_rows_that_wait_unannounced_or_lost_their_worker_are_due(store):
    store.add([a_job("a" * 32), a_job("b" * 32), a_job("c" * 32)])
    store.mark_announced(["a" * 32])
    store.claim("b" * 32, "w", timedelta(milliseconds=50))
    time.sleep(0.06)
    store.mark_announced(["b" * 32])
    assert store.take_due(silent_for=LEASE, limit=9) == ["c" * 32]
    store.claim("b" * 32, "w", timedelta(milliseconds=50))
    time.sleep(0.06)
    assert store.take_due(silent_for=LEASE, limit=9) == ["b" * 32]
    assert len(store.take_due(silent_for=timedelta(0), limit=9)) == 3


def test_only_one_of_many_announces_what_is_due(store):
    store.add([a_job(f"{n:032x}") for n in range(20)])
    taken = []
    threads = [
        threading.Thread(target=lambda: taken.extend(store.take_due(silent_for=LEASE, limit=9)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken))


def test_a_new_job_waits_from_the_databases_own_instant(postgres):
    engine = connect(postgres)
    migrate(engine)
    store = SqlStore(engine)
    store.add([a_job(created_at=datetime.now(UTC) + timedelta(hours=1))])
    assert store.claim("a" * 32, "w", LEASE)
    engine.dispose()


def test_deleted_and_unknown_jobs_are_not_kept(store):
    store.add([a_job("a" * 32), a_job("b" * 32)])
    store.delete("b" * 32)
    assert store.kept(["a" * 32, "b" * 32, "c" * 32]) == {"a" * 32}


def test_pages_of_the_list_follow_one_another_without_gap(store):
    now = datetime.now(UTC)
    ids = [f"{n:032x}" for n in range(7)]
    store.add([a_job(i, created_at=now + timedelta(seconds=n // 2)) for n, i in enumerate(ids)])
    seen, cursor = [], None
    while True:
        page = store.newest(limit=3, cursor=cursor)
        seen += [job.id for job in page.jobs]
        cursor = page.next
        if cursor is None:
            break
    assert seen == ids[::-1]


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "e30", "W10", "WzEsMiwzXQ", "WzEsIlx1MDAwMCJd", "é", "A" * 5000, "W1tb" * 9000],
)
def test_a_cursor_of_another_make_is_a_value_error_or_none(store, cursor):
    if cursor:
        with pytest.raises(ValueError, match="cursor"):
            store.newest(limit=3, cursor=cursor)
    else:
        assert store.newest(limit=3, cursor=cursor).jobs == ()


def test_a_deleted_job_is_empty_and_told_as_gone(store):
    store.add([a_job(reference="PO-7", details={"secret": 1})])
    store.delete("a" * 32)
    with pytest.raises(Expired):
        store.get("a" * 32)
    with store.engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT * FROM jobs").mappings().one()
    assert row["filename"] == ""
    assert "secret" not in str(row["details"])
    assert row["reference"] is None
    assert store.newest(limit=9).jobs == ()
    assert store.versions(["a" * 32])["a" * 32][1] is True


def test_a_claimed_job_that_is_deleted_takes_no_result(store):
    store.add([a_job()])
    job = store.claim("a" * 32, "w", LEASE)
    store.delete(job.id)
    assert not store.finish(job.id, job.lease_token, "{}", needs_review=False)


def test_each_change_grows_the_version(store):
    store.add([a_job()])
    before = store.versions(["a" * 32, "f" * 32])
    job = store.claim("a" * 32, "w", LEASE)
    store.report(job.id, job.lease_token, {"stage": "reading"})
    store.fail(job.id, job.lease_token, {"code": "x"})
    assert before == {"a" * 32: (1, False)}
    assert store.versions(["a" * 32]) == {"a" * 32: (4, True)}


def test_migrations_make_the_tables_that_the_code_describes(store):
    found = inspect(store.engine)
    for table in metadata.sorted_tables:
        columns = {column["name"] for column in found.get_columns(table.name)}
        assert columns == set(table.c.keys())
        indexes = {index["name"] for index in found.get_indexes(table.name)}
        assert indexes == {index.name for index in table.indexes}


def test_processes_that_migrate_at_once_do_not_collide(postgres):
    engines = [connect(postgres) for _ in range(4)]
    errors = []

    def run(engine):
        try:
            migrate(engine)
        except Exception as exc:
            errors.append(exc)
            raise

    threads = [threading.Thread(target=run, args=(engine,)) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for engine in engines:
        engine.dispose()
    assert errors == []


def test_a_database_that_is_away_is_told_as_unavailable():
    away = SqlStore(connect("postgresql+psycopg://nobody@127.0.0.1:1/none"))
    with pytest.raises(ServiceUnavailable):
        away.check()


def test_times_are_aware_and_in_utc(store):
    store.add([a_job()])
    job = store.claim("a" * 32, "w", LEASE)
    assert job.started_at.tzinfo is not None
    assert abs(job.started_at - datetime.now(UTC)) < timedelta(seconds=20)


def test_sqlite_syncs_each_commit(sqlite_store):
    with sqlite_store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_any_database_encoding_keeps_every_letter(postgres_server):
    with psycopg.connect(
        postgres_server.replace("+psycopg", "") + "/postgres", autocommit=True
    ) as admin:
        admin.execute("DROP DATABASE IF EXISTS plain")
        admin.execute(
            "CREATE DATABASE plain TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"
        )
    engine = connect(f"{postgres_server}/plain")
    migrate(engine)
    store = SqlStore(engine)
    store.add([a_job(filename="Rechnung Łódź.pdf")])
    assert store.get("a" * 32).filename == "Rechnung Łódź.pdf"
    engine.dispose()
