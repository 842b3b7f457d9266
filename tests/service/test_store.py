import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy import event, inspect

from service.errors import Expired, QueueFull, ServiceUnavailable, StorageFull, UnknownTask
from service.store import sql
from service.store.base import Filter, Share
from service.store.migrate import migrate
from service.store.sql import SqlStore
from service.store.tables import jobs, metadata
from service.store.transactions import connect
from service.tenants import TENANT
from tests.servers import ROOT
from tests.service.made import a_job

MIGRATIONS = ROOT / "service" / "store" / "migrations"

LEASE = timedelta(seconds=60)
SHORT = timedelta(milliseconds=-1)
"""A lease that has run out when it is given."""


def test_a_job_comes_back_as_it_was_kept(store):
    job = a_job(options={"engine": "layout"}, details={"k": [1]}, reference="PO-7", sha256="f" * 64)
    store.add([job])
    kept = store.get(TENANT, job.id)
    assert kept == replace(job, updated_at=kept.updated_at)  # by the database's clock


def test_an_unknown_job_is_told(store):
    with pytest.raises(UnknownTask):
        store.get(TENANT, "f" * 32)


def test_a_job_of_another_tenant_is_as_unknown_as_none(store):
    store.add([a_job("a" * 32, tenant="ours"), a_job("b" * 32, tenant="theirs")])
    for ask in (store.get, store.delete):
        with pytest.raises(UnknownTask, match="no task with this id"):
            ask("ours", "b" * 32)
    assert [job.id for job in store.newest("ours", limit=9).jobs] == ["a" * 32]
    assert store.kept("ours", ["a" * 32, "b" * 32]) == {"a" * 32}
    assert store.get("theirs", "b" * 32).tenant == "theirs"


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
    done = store.get(TENANT, first.id)
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
    assert store.fail_lost({"code": "worker_lost", "title": "Lost"}) == ["a" * 32]
    job = store.get(TENANT, "a" * 32)
    assert (job.status, job.losses, job.error["code"]) == ("FAILURE", 3, "worker_lost")


def test_what_is_given_back_is_no_loss(store):
    store.add([a_job()])
    store.claim("a" * 32, "w1", LEASE)
    assert store.hand_back("w1") == ["a" * 32]
    again = store.claim_next("w2", LEASE)
    assert (again.losses, again.attempts) == (0, 2)


def test_a_postponed_job_waits_its_time(store):
    store.add([a_job()])
    job = store.claim("a" * 32, "w", LEASE)
    assert store.postpone(job.id, job.lease_token, timedelta(hours=1), {"code": "x"})
    assert store.claim_next("w", LEASE) is None
    waiting = store.get(TENANT, job.id)
    assert (waiting.status, waiting.error) == ("RETRY", {"code": "x"})


def handed_over(store, lease=LEASE):
    """Hand a new job over and return the claim by which that was done."""
    store.add([a_job()])
    job = store.claim("a" * 32, "w1", lease)
    assert store.hand_over(job.id, job.lease_token, {"stage": "reading", "pages": 9})
    return job


def test_a_job_that_is_handed_over_stays_started_and_is_for_the_scan_lane_alone(store):
    handed_over(store)
    waiting = store.get(TENANT, "a" * 32)
    assert (waiting.status, waiting.lane, waiting.lease_token) == ("STARTED", "scan", None)
    assert store.claim("a" * 32, "w2", LEASE) is None
    assert store.claim_next("w2", LEASE) is None
    assert store.take_due(silent_for=timedelta(0), limit=9) == []
    store.add([a_job("b" * 32)])
    again = store.claim_next("w2", LEASE, "scan")
    assert again.id == "a" * 32
    assert store.claim_next("w2", LEASE, "scan") is None


def test_a_hand_over_is_neither_an_attempt_nor_a_loss(store):
    first = handed_over(store)
    again = store.claim_next("w2", LEASE, "scan")
    assert (again.attempts, again.losses) == (1, 0)
    assert again.started_at == first.started_at
    assert again.progress == {"stage": "reading", "pages": 9}


def test_only_the_holder_of_a_claim_hands_over_and_then_holds_nothing(store):
    first = handed_over(store)
    assert not store.hand_over(first.id, first.lease_token, {})
    assert not store.finish(first.id, first.lease_token, "{}", needs_review=False)
    assert store.hand_back("w1") == []
    again = store.claim_next("w2", LEASE, "scan")
    assert store.finish(again.id, again.lease_token, "{}", needs_review=False)


def test_a_scan_that_lost_its_worker_goes_to_another_as_a_loss(store):
    handed_over(store)
    assert store.claim_next("w1", SHORT, "scan")
    assert store.claim_next("w2", LEASE) is None
    assert store.take_due(silent_for=LEASE, limit=9) == []
    again = store.claim_next("w2", SHORT, "scan")
    assert (again.attempts, again.losses) == (2, 1)
    assert store.claim_next("w2", SHORT, "scan")
    assert store.fail_lost({"code": "worker_lost", "title": "Lost"}) == ["a" * 32]


def test_a_scan_that_is_given_back_stays_in_its_lane(store):
    handed_over(store)
    store.claim_next("w1", LEASE, "scan")
    assert store.hand_back("w1") == ["a" * 32]
    assert store.claim_next("w2", LEASE) is None
    again = store.claim_next("w2", LEASE, "scan")
    assert (again.attempts, again.losses) == (2, 0)


def test_a_job_that_is_handed_over_can_be_deleted(store):
    handed_over(store)
    store.delete(TENANT, "a" * 32)
    assert store.claim_next("w", LEASE, "scan") is None


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
    store.delete(TENANT, "b" * 32)
    assert store.kept(TENANT, ["a" * 32, "b" * 32, "c" * 32]) == {"a" * 32}


def test_what_is_over_is_neither_listed_nor_found_nor_kept_before_somebody_deletes_it(store):
    now = datetime.now(UTC)
    times = {"a": -1, "b": 60, "c": None}
    for letter, seconds in times.items():
        expires_at = None if seconds is None else now + timedelta(seconds=seconds)
        store.add([a_job(letter * 32, filename="marker.pdf", expires_at=expires_at)])
        job = store.claim_next("w", LEASE)
        store.finish(job.id, job.lease_token, '{"invoices": []}', needs_review=False)
    for asked in (Filter(), Filter(text="marker")):
        found = store.newest(TENANT, limit=9, asked=asked).jobs
        assert {job.id[0] for job in found} == {"b", "c"}
    assert store.kept(TENANT, [letter * 32 for letter in times]) == {"b" * 32, "c" * 32}


def test_a_new_time_to_keep_is_a_change_of_each_job_and_is_made_bit_by_bit(store, monkeypatch):
    monkeypatch.setattr(sql, "DATED", 3)
    ids = [f"{n:032x}" for n in range(10)]
    store.add([a_job(job_id) for job_id in ids])
    changes = []

    @event.listens_for(store.engine, "after_cursor_execute")
    def note(_connection, _cursor, statement, *_):
        changes.extend([statement] if statement.startswith("UPDATE") else [])

    assert store.keep_for(timedelta(days=1)) == 10
    assert len(changes) == 4
    assert store.keep_for(timedelta(days=1)) == 0
    assert store.versions(ids) == dict.fromkeys(ids, (2, False))
    job = store.get(TENANT, ids[0])
    assert job.expires_at == job.created_at + timedelta(days=1)
    assert store.keep_for(None) == 10
    assert store.get(TENANT, ids[0]).expires_at is None


@pytest.mark.parametrize("sort", ["-received", "received"])
def test_pages_of_the_list_follow_one_another_without_gap(store, sort):
    now = datetime.now(UTC)
    ids = [f"{n:032x}" for n in range(7)]
    store.add([a_job(i, created_at=now + timedelta(seconds=n // 2)) for n, i in enumerate(ids)])
    seen, cursor = [], None
    while True:
        page = store.newest(TENANT, limit=3, cursor=cursor, sort=sort)
        seen += [job.id for job in page.jobs]
        cursor = page.next
        if cursor is None:
            break
    assert seen == (ids if sort == "received" else ids[::-1])


def test_jobs_are_counted_by_what_is_asked_for_up_to_a_most(store):
    over = datetime.now(UTC) - timedelta(seconds=1)
    store.add([a_job(f"{n:032x}", reference="mine" if n < 3 else None) for n in range(7)])
    store.add([a_job("e" * 32, expires_at=over), a_job("d" * 32), a_job("f" * 32, tenant="theirs")])
    store.delete(TENANT, "d" * 32)
    assert store.number(TENANT, Filter(), 100) == 7
    assert store.number(TENANT, Filter(reference="mine"), 100) == 3
    assert store.number(TENANT, Filter(), 5) == 5


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "e30", "W10", "WzEsMiwzXQ", "WzEsIlx1MDAwMCJd", "é", "A" * 5000, "W1tb" * 9000],
)
def test_a_cursor_of_another_make_is_a_value_error_or_none(store, cursor):
    if cursor:
        with pytest.raises(ValueError, match="cursor"):
            store.newest(TENANT, limit=3, cursor=cursor)
    else:
        assert store.newest(TENANT, limit=3, cursor=cursor).jobs == ()


def test_a_deleted_job_is_empty_and_told_as_gone(store):
    store.add([a_job(reference="PO-7", details={"secret": 1})])
    store.delete(TENANT, "a" * 32)
    with pytest.raises(Expired):
        store.get(TENANT, "a" * 32)
    with store.engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT * FROM jobs").mappings().one()
    assert row["filename"] == ""
    assert "secret" not in str(row["details"])
    assert row["reference"] is None
    assert store.newest(TENANT, limit=9).jobs == ()
    assert store.versions(["a" * 32])["a" * 32][1] is True


def test_a_claimed_job_that_is_deleted_takes_no_result(store):
    store.add([a_job()])
    job = store.claim("a" * 32, "w", LEASE)
    assert store.report(job.id, job.lease_token, {"stage": "reading"})
    store.delete(TENANT, job.id)
    assert not store.report(job.id, job.lease_token, {"stage": "reading"})
    assert not store.finish(job.id, job.lease_token, "{}", needs_review=False)


def test_each_change_grows_the_version(store):
    store.add([a_job()])
    before = store.versions(["a" * 32, "f" * 32])
    job = store.claim("a" * 32, "w", LEASE)
    store.report(job.id, job.lease_token, {"stage": "reading"})
    store.fail(job.id, job.lease_token, {"code": "x", "title": "X"})
    assert before == {"a" * 32: (1, False)}
    assert store.versions(["a" * 32]) == {"a" * 32: (4, True)}


def test_migrations_make_the_tables_that_the_code_describes(store):
    found = inspect(store.engine)
    for table in metadata.sorted_tables:
        columns = {column["name"] for column in found.get_columns(table.name)}
        assert columns == set(table.c.keys())
        indexes = {index["name"] for index in found.get_indexes(table.name)}
        assert indexes == {index.name for index in table.indexes}


@pytest.fixture(params=["sqlite", "postgres"])
def first_release(request, tmp_path):
    """A database as the first release left it, without rows."""
    sqlite = f"sqlite:///{tmp_path / 'jobs.db'}"
    engine = connect(sqlite if request.param == "sqlite" else request.getfixturevalue("postgres"))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    yield engine
    engine.dispose()


def test_a_job_that_waits_while_the_tables_change_is_still_done(first_release):
    now = datetime.now(UTC)
    row = dict.fromkeys(["not_before", "created_at", "updated_at"], now)
    row |= {"id": "a" * 32, "filename": "a.pdf", "size": 3, "status": "PENDING", "options": {}}
    row |= dict.fromkeys(["attempts", "retries", "losses"], 0) | {"version": 1}
    types = {column.name: column.type for column in jobs.c}  # without those that are no more
    columns = [sa.column(name, types.get(name)) for name in row]
    with first_release.begin() as connection:
        connection.execute(sa.insert(sa.table("jobs", *columns)).values(row))
    migrate(first_release)
    assert SqlStore(first_release).claim_next("w", LEASE).lane == "fast"


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


def test_a_log_of_writes_that_somebody_reads_is_told_as_not_emptied(sqlite_store, tmp_path):
    @event.listens_for(sqlite_store.engine, "checkout")
    def hurry(connection, *_):
        connection.execute("PRAGMA busy_timeout=50")

    log = tmp_path / "jobs.db-wal"
    sqlite_store.add([a_job()])
    with sqlite_store.engine.connect().execution_options(reads=True) as reader:
        reader.execute(sa.select(jobs.c.id)).all()
        sqlite_store.delete(TENANT, "a" * 32)
        with pytest.raises(ServiceUnavailable):
            sqlite_store.scrub()
        assert log.stat().st_size
    sqlite_store.scrub()
    assert log.stat().st_size == 0


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
    assert store.get(TENANT, "a" * 32).filename == "Rechnung Łódź.pdf"
    engine.dispose()


# ------------------------------------------------------------------ tenants take turns


def test_a_tenant_with_much_to_do_lets_the_others_go_first(store):
    store.add([a_job(f"{n:032x}", tenant="big") for n in range(20)])
    for n in range(3):
        store.add([a_job(f"{n + 100:032x}", tenant="small")])
    order = [store.claim_next("w", LEASE).tenant for _ in range(8)]
    assert order == ["big", "small"] * 3 + ["big", "big"]


def test_one_worker_serves_tenants_in_turn_though_none_has_anything_running(store):
    store.add([a_job(f"{n:032x}", tenant="big") for n in range(20)])
    store.add([a_job(f"{n + 100:032x}", tenant="small") for n in range(3)])
    order = []
    for _ in range(8):
        job = store.claim_next("w", LEASE)
        order.append(job.tenant)
        store.finish(job.id, job.lease_token, "{}", needs_review=False)
    assert order == ["big", "small"] * 3 + ["big", "big"]


def test_an_announced_job_gives_way_to_a_tenant_whose_turn_it_is(store):
    store.add([a_job(f"{n:032x}", tenant="big") for n in range(3)])
    store.add([a_job("f" * 32, tenant="small")])
    claimed = [store.claim(f"{n:032x}", "w", LEASE) for n in range(3)]
    assert [job.tenant for job in claimed] == ["big", "small", "big"]
    rest = store.claim("f" * 32, "w", LEASE)  # its announcement comes, and finds what it displaced
    assert rest.tenant == "big"
    assert store.claim("f" * 32, "w", LEASE) is None


def test_a_share_holds_exactly_however_many_send_at_once(store):
    share = Share(queued=10, stored=3 * 7)
    refused = []

    def send(n):
        try:
            store.add([a_job(f"{n:032x}", tenant="acme")], share)
        except (QueueFull, StorageFull) as error:
            refused.append(error)

    threads = [threading.Thread(target=send, args=[n]) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.newest("acme", limit=99).jobs) == 7
    assert {type(error) for error in refused} == {StorageFull}
    store.add([a_job(f"{n + 50:032x}", tenant="bolt") for n in range(10)], Share(queued=10))
    with pytest.raises(QueueFull):
        store.add([a_job("f" * 32, tenant="bolt")], Share(queued=10))
    with pytest.raises(QueueFull):
        store.check_share("bolt", Share(queued=10))
    store.check_share("bolt", Share(queued=11))
