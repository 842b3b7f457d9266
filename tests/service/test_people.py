import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from service.errors import Conflict, Expired, Stale, UnknownTask
from service.store.answers import Answers
from service.store.base import Filter
from service.store.known import Known
from service.store.people import DEEDS, Correction, People
from service.store.tables import history, identities
from service.tenants import TENANT
from tests.service.made import a_job

A = "a" * 32
LEASE = timedelta(seconds=60)
CANCELLED = {"code": "cancelled"}


@pytest.fixture
def people(store) -> People:
    return People(store.engine)


def sent(store, **values) -> None:
    store.add([a_job(A, **values)])


def read(store, number: str = "17", page_text: str = "words of pages", **values) -> None:
    sent(store, **values)
    job = store.claim_next("w", LEASE)
    assert store.finish(
        job.id, job.lease_token, extraction(number), needs_review=True, text=page_text
    )


def no_accounts(extraction: str) -> list[tuple[str, str]]:
    return []


def extraction(number: str) -> str:
    return f'{{"invoices": [{{"result": {{"invoice_number": "{number}"}}}}]}}'


def correction(number: str, *, needs_review: bool = False, key: str | None = None) -> Correction:
    return Correction(
        extraction=extraction(number),
        as_read=extraction("17"),
        invoice=1,
        change={"a": 1},
        keys=[[key] if key else []],
        compared=lambda others: (extraction(number), needs_review or others != [None]),
    )


def found(store, question: str) -> bool:
    return bool(store.newest(TENANT, limit=1, asked=Filter(text=question)).jobs)


def test_a_correction_is_kept_beside_what_was_read(store, people):
    read(store)
    before = store.get(TENANT, A)
    people.correct(TENANT, A, "key", {before.version}, correction("18"))
    job = store.get(TENANT, A)
    assert (job.extraction, job.as_read) == (extraction("18"), extraction("17"))
    assert (job.version, job.needs_review) == (before.version + 1, False)
    (deed,) = people.history(A)
    assert (deed.action, deed.key_id, deed.invoice, deed.change) == (
        "corrected",
        "key",
        1,
        {"a": 1},
    )


def test_a_corrected_document_is_found_by_what_it_says_now(store, people):
    read(store, "oldnumber")
    people.correct(TENANT, A, None, None, correction("newnumber"))
    assert found(store, "newnumber")
    assert not found(store, "oldnumber")
    assert found(store, "words pages")


def test_of_a_long_history_the_latest_acts_are_told(store, people):
    read(store)
    with store.engine.begin() as connection:
        act = {"job": A, "at": datetime.now(UTC), "action": "corrected", "invoice": 1}
        connection.execute(insert(history), [act | {"change": n} for n in range(DEEDS + 5)])
    told = [deed.change for deed in people.history(A)]
    assert told == list(range(DEEDS + 4, 4, -1))


def test_a_correction_of_another_version_is_stale(store, people):
    read(store)
    version = store.get(TENANT, A).version
    people.correct(TENANT, A, None, {version, 99}, correction("18"))
    with pytest.raises(Stale):
        people.correct(TENANT, A, None, {version}, correction("19"))
    assert store.get(TENANT, A).extraction == extraction("18")
    assert len(people.history(A)) == 1


def test_a_decision_ends_the_review_and_a_correction_takes_it_back(store, people):
    read(store)
    people.decide(TENANT, A, "key", "confirmed", no_accounts)
    job = store.get(TENANT, A)
    assert (job.decision, job.needs_review) == ("confirmed", False)
    people.decide(TENANT, A, "key", "confirmed", no_accounts)
    people.decide(TENANT, A, "key", "rejected", no_accounts)
    people.correct(TENANT, A, "key", None, correction("18"))
    assert store.get(TENANT, A).decision is None
    assert [deed.action for deed in people.history(A)] == ["corrected", "rejected", "confirmed"]


def test_a_document_that_is_on_its_way_cannot_be_corrected_decided_or_read_again(store, people):
    sent(store)
    for act in (
        lambda: people.correct(TENANT, A, None, None, correction("18")),
        lambda: people.decide(TENANT, A, None, "confirmed", no_accounts),
        lambda: people.retry(TENANT, A, None, {}),
    ):
        with pytest.raises(Conflict):
            act()
    assert people.history(A) == []


def test_a_document_is_read_again_with_other_options(store, people):
    read(store, options={"engine": "layout", "pages": "1"}, key_id="sender")
    people.correct(TENANT, A, None, None, correction("18"))
    people.retry(TENANT, A, "key", {"engine": "llm"})
    job = store.get(TENANT, A)
    assert (job.status, job.extraction, job.as_read, job.needs_review) == ("PENDING", *[None] * 3)
    assert job.options == {"engine": "llm", "pages": "1"}
    assert job.key_id == "key"  # who asks for it pays
    assert not found(store, "18")
    claimed = store.claim(A, "w", LEASE)
    assert (claimed.attempts, claimed.lane) == (2, "fast")
    assert store.finish(A, claimed.lease_token, extraction("19"), needs_review=False)
    assert found(store, "19")
    assert [deed.action for deed in people.history(A)] == ["retried", "corrected"]


def test_a_scan_that_is_read_again_begins_in_the_fast_lane(store, people):
    sent(store)
    job = store.claim(A, "w", LEASE)
    store.hand_over(A, job.lease_token, {})
    job = store.claim_next("w", LEASE, "scan")
    store.fail(A, job.lease_token, {"code": "x", "title": "X"})
    people.retry(TENANT, A, None, {})
    job = store.get(TENANT, A)
    assert (job.status, job.lane, job.error) == ("PENDING", "fast", None)
    assert store.claim(A, "w", LEASE) is not None


def test_only_force_forgets_what_models_answered(store, people):
    answers = Answers(store.engine, timedelta(days=1))
    read(store)
    answers.keep("k", A, b"answer")
    people.retry(TENANT, A, None, {"engine": "llm"})
    assert answers.recall("k", A).answer == b"answer"
    people.cancel(TENANT, A, None, CANCELLED)
    people.retry(TENANT, A, None, {"force": True})
    assert answers.recall("k", A) is None
    people.cancel(TENANT, A, None, CANCELLED)
    people.retry(TENANT, A, None, {})
    assert store.get(TENANT, A).options == {"engine": "llm"}


def test_what_is_confirmed_or_was_refused_at_the_door_is_not_read_again(store, people):
    read(store)
    people.decide(TENANT, A, None, "confirmed", no_accounts)
    store.add([a_job("b" * 32, status="FAILURE")])
    for job_id in (A, "b" * 32):
        with pytest.raises(Conflict):
            people.retry(TENANT, job_id, None, {})
    people.decide(TENANT, A, None, "rejected", no_accounts)
    people.retry(TENANT, A, None, {})


def test_a_cancelled_document_takes_no_result_and_can_be_read_after_all(store, people):
    sent(store)
    job = store.claim(A, "w", LEASE)
    people.cancel(TENANT, A, "key", CANCELLED)
    assert not store.report(A, job.lease_token, {"stage": "reading"})
    assert not store.finish(A, job.lease_token, extraction("17"), needs_review=False)
    assert store.claim_next("w", LEASE) is None
    told = store.get(TENANT, A)
    assert (told.status, told.error, told.is_final) == ("REVOKED", CANCELLED, True)
    people.cancel(TENANT, A, "key", CANCELLED)
    assert [deed.action for deed in people.history(A)] == ["cancelled"]
    people.retry(TENANT, A, None, {})
    assert store.claim_next("w", LEASE).id == A


def test_what_has_its_end_cannot_be_cancelled(store, people):
    read(store)
    with pytest.raises(Conflict):
        people.cancel(TENANT, A, None, CANCELLED)


def test_a_document_of_another_tenant_is_unknown_and_a_deleted_one_is_gone(store, people):
    read(store, tenant="ours")
    acts = (
        lambda tenant: people.correct(tenant, A, None, None, correction("18")),
        lambda tenant: people.decide(tenant, A, None, "confirmed", no_accounts),
        lambda tenant: people.retry(tenant, A, None, {}),
        lambda tenant: people.cancel(tenant, A, None, CANCELLED),
    )
    for act in acts:
        with pytest.raises(UnknownTask):
            act("theirs")
    people.correct("ours", A, None, None, correction("marker"))
    store.delete("ours", A)
    for act in acts:
        with pytest.raises(Expired):
            act("ours")
    assert people.history(A) == []
    with store.engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT * FROM jobs").mappings().one()
    assert (row["extraction"], row["as_read"], row["decision"]) == (None, None, None)


def test_a_document_whose_time_is_over_is_gone_before_somebody_deletes_it(store, people):
    read(store, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    for act in (
        lambda: people.correct(TENANT, A, None, None, correction("18")),
        lambda: people.decide(TENANT, A, None, "confirmed", no_accounts),
        lambda: people.retry(TENANT, A, None, {}),
        lambda: people.cancel(TENANT, A, None, CANCELLED),
    ):
        with pytest.raises(Expired):
            act()
    assert people.history(A) == []


def test_of_two_corrections_of_one_version_one_is_stale(store, people):
    read(store)
    version = store.get(TENANT, A).version
    outcomes = []

    def change(number):
        try:
            people.correct(TENANT, A, None, {version}, correction(number, key=number))
            outcomes.append("kept")
        except Stale:
            outcomes.append("stale")

    threads = [threading.Thread(target=change, args=[str(n)]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["kept", "stale", "stale", "stale"]
    number = json.loads(store.get(TENANT, A).extraction)["invoices"][0]["result"]["invoice_number"]
    with store.engine.connect() as connection:
        assert connection.execute(select(identities.c.key)).scalars().all() == [number]


def test_a_correction_is_told_which_document_holds_the_invoice_already(store, people):
    read(store)
    people.correct(TENANT, A, None, None, correction("18", key="k"))
    assert store.get(TENANT, A).needs_review is False
    store.add([a_job("b" * 32)])
    job = store.claim_next("w", LEASE)
    assert store.finish(job.id, job.lease_token, extraction("1"), needs_review=False)
    people.correct(TENANT, job.id, None, None, correction("18", key="k"))
    told = store.get(TENANT, job.id)
    assert (told.needs_review, told.duplicate_of) == (True, A)


def test_a_confirmation_makes_accounts_known_until_it_is_taken_back(store, people):
    known = Known(store.engine)
    read(store)
    shown = [("seller", "account")]
    for take_back in (
        lambda: people.decide(TENANT, A, None, "rejected", no_accounts),
        lambda: people.correct(TENANT, A, None, None, correction("18")),
    ):
        people.decide(TENANT, A, None, "confirmed", lambda extraction: shown)
        assert known.accounts(TENANT, ["seller"]) == {"seller": {"account"}}
        take_back()
        assert known.accounts(TENANT, ["seller"]) == {}


def test_where_answers_are_not_kept_they_go_with_a_cancelled_document(store):
    answers = Answers(store.engine, timedelta())
    sent(store)
    store.claim(A, "w", LEASE)
    assert answers.keep("k", A, b"answer")
    People(store.engine, keeps_answers=False).cancel(TENANT, A, None, CANCELLED)
    with store.engine.connect() as connection:
        assert not connection.exec_driver_sql("SELECT * FROM answers").all()


def test_what_needs_no_look_any_more_is_not_found_among_what_does(store, people):
    def found_so(needs_review: bool) -> bool:
        asked = Filter(text="words", needs_review=needs_review)
        return bool(store.newest(TENANT, limit=1, asked=asked).jobs)

    read(store)
    assert (found_so(True), found_so(False)) == (True, False)
    people.decide(TENANT, A, None, "confirmed", no_accounts)
    assert (found_so(True), found_so(False)) == (False, True)
    people.correct(TENANT, A, None, None, correction("18", needs_review=True))
    assert (found_so(True), found_so(False)) == (True, False)
