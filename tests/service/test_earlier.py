"""What a document said before it is read again, in both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from service.errors import Conflict
from service.store.people import People
from service.store.tables import earlier_readings
from service.tenants import TENANT
from tests.service.made import a_job

A, B = "a" * 32, "b" * 32
LEASE = timedelta(seconds=60)


@pytest.fixture
def people(store) -> People:
    return People(store.engine)


def reading(number: str) -> str:
    return f'{{"invoices": [{{"result": {{"invoice_number": "{number}"}}}}]}}'


def read(store, number: str, job_id: str = A) -> None:
    job = store.claim(job_id, "w", LEASE)
    assert store.finish(job_id, job.lease_token, reading(number), needs_review=False)


def fail(store) -> None:
    job = store.claim(A, "w", LEASE)
    assert store.fail(A, job.lease_token, {"code": "x", "title": "X"})


def test_the_last_reading_before_is_kept_and_no_other(store, people):
    store.add([a_job(A), a_job(B)])
    read(store, "61")
    read(store, "71", B)
    assert people.earlier(A) is None
    for before, now in (("61", "62"), ("62", "63")):
        people.retry(TENANT, A, None, {})
        assert people.earlier(A) == reading(before)
        read(store, now)
        assert people.earlier(A) == reading(before)
    assert people.earlier(B) is None


def test_a_reading_that_fails_or_is_cancelled_leaves_the_one_before(store, people):
    store.add([a_job(A)])
    read(store, "61")
    people.retry(TENANT, A, None, {})
    fail(store)
    people.retry(TENANT, A, None, {})
    people.cancel(TENANT, A, None, {"code": "cancelled"})
    people.retry(TENANT, A, None, {})
    assert people.earlier(A) == reading("61")


def test_what_may_not_be_read_again_keeps_what_it_has(store, people):
    store.add([a_job(A)])
    read(store, "61")
    people.decide(TENANT, A, None, "confirmed", lambda extraction: [])
    with pytest.raises(Conflict):
        people.retry(TENANT, A, None, {})
    assert people.earlier(A) is None


def test_a_deleted_document_leaves_no_earlier_reading(store, people):
    store.add([a_job(A)])
    read(store, "61")
    people.retry(TENANT, A, None, {})
    store.delete(TENANT, A)
    with store.engine.connect() as connection:
        assert connection.execute(select(earlier_readings)).all() == []
