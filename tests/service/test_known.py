"""What new documents are compared with: files, invoices, sellers' accounts; over both databases."""

import secrets
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select

from service.store import known as known_by
from service.store.known import Known, confirm_accounts
from service.store.tables import identities, seller_accounts
from service.tenants import TENANT
from tests.service.made import a_job

A, B, C = "a" * 32, "b" * 32, "c" * 32
FILE = "f" * 64


@pytest.fixture
def known(store) -> Known:
    return Known(store.engine)


def sent(store, job_id: str, **values):
    """Add a job, and return it as it was kept."""
    (job,) = store.add([a_job(job_id, **values)])
    kept = store.get(job.tenant, job.id)
    assert (kept.duplicate_of, kept.duplicate_reason) == (job.duplicate_of, job.duplicate_reason)
    return kept


def register(store, tenant: str, job_id: str, keys) -> list[str | None]:
    with store.engine.begin() as connection:
        return known_by.register(connection, tenant, job_id, keys)


def fail(store, job_id: str) -> None:
    job = store.claim(job_id, "w", timedelta(seconds=60))
    store.fail(job.id, job.lease_token, {"code": "corrupt_file"})


def test_a_file_that_is_there_already_is_told_as_a_duplicate_of_the_first(store):
    assert sent(store, A, sha256=FILE).duplicate_of is None
    for job_id in (B, C):
        job = sent(store, job_id, sha256=FILE)
        assert (job.duplicate_of, job.duplicate_reason) == (A, "same_file")


def test_files_of_one_request_are_compared_too(store):
    first, second = store.add([a_job(A, sha256=FILE), a_job(B, sha256=FILE)])
    assert (first.duplicate_of, second.duplicate_of) == (None, A)


def test_a_file_costs_no_more_for_its_many_copies(sqlite_store):
    steps = []

    @event.listens_for(sqlite_store.engine, "checkout")
    def count(connection, *_):
        connection.set_progress_handler(lambda: steps.append(1), 10)

    def cost_of(copies: int, file: str) -> int:
        sqlite_store.add([a_job(secrets.token_hex(16), sha256=file) for _ in range(copies)])
        steps.clear()
        (job,) = sqlite_store.add([a_job(secrets.token_hex(16), sha256=file)])
        assert job.duplicate_of
        return len(steps)

    assert cost_of(1000, "1" * 64) < 2 * cost_of(10, "2" * 64)


def test_where_the_first_is_gone_its_copies_count(store):
    for job_id in (A, B):
        sent(store, job_id, sha256=FILE)
    store.delete(TENANT, A)
    assert sent(store, C, sha256=FILE).duplicate_of == B


def test_other_pages_of_a_file_are_no_duplicate(store):
    sent(store, A, sha256=FILE, options={"pages": "1-2"})
    assert sent(store, B, sha256=FILE, options={"pages": "3-4"}).duplicate_of is None
    assert sent(store, C, sha256=FILE, options={"pages": "3-4", "engine": "llm"}).duplicate_of == B


def test_files_of_another_tenant_are_not_known(store):
    sent(store, A, sha256=FILE, tenant="theirs")
    assert sent(store, B, sha256=FILE).duplicate_of is None


def test_a_file_that_failed_or_was_deleted_may_be_sent_again(store):
    sent(store, A, sha256=FILE)
    fail(store, A)
    assert sent(store, B, sha256=FILE).duplicate_of is None
    store.delete(TENANT, B)
    assert sent(store, C, sha256=FILE).duplicate_of is None


def test_of_the_same_file_sent_many_times_at_once_one_is_the_first(store):
    ids = [f"{n:032x}" for n in range(12)]
    found, gate = {}, threading.Barrier(len(ids))

    def send(job_id):
        gate.wait()
        (job,) = store.add([a_job(job_id, sha256=FILE)])
        found[job_id] = job.duplicate_of

    together(send, ids)
    firsts = [job_id for job_id, other in found.items() if other is None]
    assert len(firsts) == 1
    assert set(found.values()) == {None, *firsts}


def test_an_invoice_that_is_there_already_names_the_job_that_was_sent_first(store, known):
    now = datetime.now(UTC)
    for n, job_id in enumerate((B, A, C)):
        sent(store, job_id, created_at=now + timedelta(seconds=n))
    assert register(store, TENANT, B, [["k1"]]) == [None]
    assert register(store, TENANT, A, [["k1", "k2"]]) == [B]
    assert register(store, TENANT, C, [["other"], ["k2"], []]) == [None, A, None]
    job = store.get(TENANT, C)
    assert (job.duplicate_of, job.duplicate_reason) == (A, "same_invoice")
    assert register(store, TENANT, C, [["corrected"]]) == [None]
    job = store.get(TENANT, C)
    assert (job.duplicate_of, job.duplicate_reason) == (None, None)


def test_more_keys_than_a_statement_takes_are_all_compared(store, known):
    sent(store, A)
    sent(store, B)
    keys = [[f"k{n:04}"] for n in range(1200)]
    assert register(store, TENANT, A, keys) == [None] * 1200
    assert register(store, TENANT, B, keys) == [A] * 1200


def test_of_the_same_file_the_second_is_the_duplicate_whichever_is_read_first(store, known):
    sent(store, A, sha256=FILE)
    sent(store, B, sha256=FILE)
    assert register(store, TENANT, B, [["k"], []]) == [A, A]  # though A is not read yet
    assert register(store, TENANT, A, [["k"], []]) == [None, None]
    assert store.get(TENANT, B).duplicate_reason == "same_file"
    assert store.get(TENANT, A).duplicate_of is None


def test_what_failed_was_deleted_or_is_anothers_is_not_compared_with(store, known):
    for job_id in (A, B):
        sent(store, job_id)
        register(store, TENANT, job_id, [["k"]])
    sent(store, C, tenant="theirs")
    assert register(store, "theirs", C, [["k"]]) == [None]
    store.delete(TENANT, A)
    fail(store, B)
    sent(store, "d" * 32)
    assert register(store, TENANT, "d" * 32, [["k"]]) == [None]


def test_a_document_that_was_deleted_meanwhile_leaves_nothing(store, known):
    sent(store, A)
    token = store.claim(A, "w", timedelta(seconds=60)).lease_token
    store.delete(TENANT, A)
    assert known.register(TENANT, A, token, [["k"]]) == [None]
    sent(store, B)
    assert register(store, TENANT, B, [["k"]]) == [None]


def test_a_worker_that_lost_its_claim_changes_nothing_of_what_a_document_is_known_by(store, known):
    for job_id in (A, B):
        sent(store, job_id)
    lost = store.claim(A, "frozen", timedelta()).lease_token
    held = store.claim(A, "w", timedelta(seconds=60)).lease_token
    assert known.register(TENANT, A, held, [["k"]]) == [None]
    assert known.register(TENANT, A, lost, [["other"]]) == [None]
    assert store.finish(A, held, '{"invoices": []}', needs_review=False)
    assert known.register(TENANT, A, held, [["other"]]) == [None]
    assert register(store, TENANT, B, [["k"], ["other"]]) == [A, None]


def test_of_the_same_invoice_read_many_times_at_once_all_but_one_are_duplicates(store, known):
    ids = [f"{n:032x}" for n in range(12)]
    for job_id in ids:
        sent(store, job_id)
    found, gate = {}, threading.Barrier(len(ids))

    def read(job_id):
        gate.wait()
        (found[job_id],) = register(store, TENANT, job_id, [["k"]])

    together(read, ids)
    assert sum(other is None for other in found.values()) == 1


def test_accounts_are_those_of_confirmed_documents_and_go_with_them(store, known):
    for job_id in (A, B):
        sent(store, job_id)
    with store.engine.begin() as connection:
        confirm_accounts(connection, TENANT, A, [("s1", "x"), ("s2", "x"), ("s1", "x")])
        confirm_accounts(connection, TENANT, B, [("s1", "y")])
    assert known.accounts(TENANT, ["s1", "s2", "s3"]) == {"s1": {"x", "y"}, "s2": {"x"}}
    assert known.accounts("theirs", ["s1"]) == {}
    with store.engine.begin() as connection:
        confirm_accounts(connection, TENANT, B, [])  # taken back
    register(store, TENANT, A, [["k"]])
    store.delete(TENANT, A)
    assert known.accounts(TENANT, ["s1", "s2"]) == {}
    with store.engine.begin() as connection:
        for table in (identities, seller_accounts):
            assert connection.execute(select(table).where(table.c.job == A)).all() == []


def together(work, values) -> None:
    threads = [threading.Thread(target=work, args=(value,)) for value in values]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
