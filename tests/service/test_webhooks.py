"""Webhooks over both databases: what is recorded, when it is due, and what an answer changes."""

import json
import secrets
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from service.addresses import Addresses
from service.errors import ForbiddenUrl, UnknownWebhook, WebhookConflict
from service.store.migrate import migrate
from service.store.outbox import tell
from service.store.people import People
from service.store.sql import SqlStore
from service.store.tables import deliveries as rows
from service.store.tables import jobs
from service.store.tables import webhooks as table
from service.store.transactions import connect
from service.store.webhooks import AT_A_TIME, KEPT, SqlWebhookStore
from service.webhooks import (
    EVENTS,
    FAILING,
    GIVEN_UP,
    JITTER,
    MAX_WEBHOOKS,
    OVERLAP,
    SCHEDULE,
    Outcome,
    Webhooks,
    wait_before,
)
from tests.service.made import a_job

LEASE = timedelta(minutes=2)
URL = "https://hooks.example.com/in"
OK, BROKEN = Outcome(200), Outcome(500)


def public(host: str) -> list[str]:
    """The test's own look-up: every name is a public host, and none is asked for."""
    return ["93.184.215.14"]


@pytest.fixture
def kept(store) -> SqlWebhookStore:
    return SqlWebhookStore(store.engine)


@pytest.fixture
def made(kept) -> Webhooks:
    return Webhooks(kept, Addresses(resolver=public))


@pytest.fixture
def moved(sqlite_store, clock) -> SqlWebhookStore:
    """The same over SQLite, with a clock that can be moved."""
    return SqlWebhookStore(sqlite_store.engine, clock)


def webhook_of(store: SqlWebhookStore, tenant: str = "default", url: str = URL, events=EVENTS):
    return Webhooks(store, Addresses(resolver=public)).make(tenant, url, tuple(events))


def send(
    store: SqlWebhookStore,
    many: int = 1,
    kind="document.completed",
    tenant="default",
    from_number: int = 0,
):
    """Record so many events of documents, each with its number for a reference."""
    for number in range(from_number, from_number + many):
        with store._write() as connection:
            job = a_job(f"{number:032x}", tenant=tenant, reference=str(number))
            tell(connection, kind, job, store._now())


def all_of(store, webhook):
    page = store.deliveries(webhook.tenant, webhook.id, limit=1000, cursor=None, state=None)
    return page.deliveries


def ended(store: SqlStore, job_id: str = "a" * 32, *, review: bool = False, **values) -> None:
    store.add([a_job(job_id, **values)])
    job = store.claim_next("w", LEASE)
    text = '{"media_type": "application/pdf", "engine": "layout", "invoices": []}'
    assert store.finish(job.id, job.lease_token, text, needs_review=review)


# ---------------------------------------------------------------- what is recorded


def test_a_result_and_its_event_are_recorded_together(store, kept):
    webhook = webhook_of(kept)
    job_id = "a" * 32
    store.add([a_job(job_id, reference="PO-7")])
    job = store.claim_next("w", LEASE)
    assert all_of(kept, webhook) == ()
    assert not store.finish(job_id, "another's", "{}", needs_review=False)
    assert all_of(kept, webhook) == ()  # nothing was true, and nothing is told
    assert store.finish(job_id, job.lease_token, '{"invoices": []}', needs_review=False)
    (delivery,) = all_of(kept, webhook)
    told = json.loads(delivery.body)
    assert told["type"] == "document.completed"
    assert datetime.fromisoformat(told["timestamp"]).tzinfo is not None
    assert told["data"] == {
        **{"task_id": job_id, "status": "SUCCESS", "filename": "a.pdf", "reference": "PO-7"},
        **{"needs_review": False, "error": None},
        "links": {"status": f"/status/{job_id}", "document": f"/v1/documents/{job_id}"},
    }
    assert not store.finish(job_id, job.lease_token, "{}", needs_review=False)
    assert len(all_of(kept, webhook)) == 1


def test_a_document_that_needs_review_is_told_as_that_too(store, kept):
    webhook = webhook_of(kept)
    ended(store, review=True)
    kinds = {delivery.kind for delivery in all_of(kept, webhook)}
    assert kinds == {"document.completed", "document.needs_review"}


def test_failures_are_told_however_they_come(store, kept):
    webhook = webhook_of(kept, events=("document.failed",))
    error = {"code": "corrupt_file", "title": "It cannot be opened", "detail": "x", "hint": "y"}
    refused = a_job("d" * 32, status="FAILURE", error=error, finished_at=datetime.now(UTC))
    store.add([a_job("a" * 32), a_job("b" * 32), refused])
    job = store.claim_next("w", LEASE)
    assert store.fail(job.id, job.lease_token, error)
    lost = store.claim_next("w", timedelta())  # its lease runs out at once, three times
    for _ in range(2):
        lost = store.claim(lost.id, "w", timedelta())
    assert store.fail_lost(error | {"code": "worker_lost"}) == [lost.id]
    told = [json.loads(delivery.body)["data"] for delivery in all_of(kept, webhook)]
    assert {(one["task_id"], one["error"]["code"]) for one in told} == {
        (job.id, "corrupt_file"),
        (lost.id, "worker_lost"),
        (refused.id, "corrupt_file"),
    }
    assert {one["status"] for one in told} == {"FAILURE"}


def test_a_webhook_is_sent_for_its_events_of_its_tenant_alone(store, kept):
    wanted = webhook_of(kept, events=("document.failed",))
    foreign = webhook_of(kept, tenant="acme")
    off = webhook_of(kept)
    kept.change("default", off.id, {"disabled_at": datetime.now(UTC), "disabled_reason": "asked"})
    ended(store)
    assert all_of(kept, wanted) == all_of(kept, foreign) == all_of(kept, off) == ()


def test_an_event_has_one_id_at_all_webhooks_and_later_ones_come_first(kept):
    one, other = webhook_of(kept), webhook_of(kept)
    send(kept, 3)
    ids = [delivery.event for delivery in all_of(kept, one)]
    assert ids == [delivery.event for delivery in all_of(kept, other)]
    assert len(set(ids)) == 3
    assert all(len(event) == 36 and event.startswith("msg_") for event in ids)


def test_a_body_stays_small_whatever_the_caller_sent(store, kept):
    webhook = webhook_of(kept)
    ended(store, filename="\U0001f9fe" * 63, reference="\U0001f9fe" * 200, review=True)
    assert all(len(delivery.body) < 20_000 for delivery in all_of(kept, webhook))


def test_deleting_a_document_deletes_what_tells_of_it(store, kept):
    webhook = webhook_of(kept)
    ended(store, "a" * 32, filename="marker-7261.pdf")
    ended(store, "b" * 32)
    store.delete("default", "a" * 32)
    assert {delivery.job for delivery in all_of(kept, webhook)} == {"b" * 32}
    with store.engine.connect() as connection:
        assert "marker-7261" not in repr(connection.execute(select(rows)).all())


# ---------------------------------------------------------------- batches


def batch_of(store, *states: str, batch: str = "b" * 32, **values) -> list:
    """Record the jobs of one upload, refused ones (FAILURE) among them."""
    error = {"code": "empty_file", "title": "It is empty"}
    made = [
        a_job(
            f"{number:x}" * 32,
            batch=batch,
            status=status,
            **{"error": error} if status == "FAILURE" else {},
            **values,
        )
        for number, status in enumerate(states)
    ]
    store.add(made)
    return made


def batches(kept, webhook) -> list[dict]:
    told = [json.loads(delivery.body) for delivery in all_of(kept, webhook)]
    return [one["data"] for one in told if one["type"] == "batch.completed"]


def finish_next(store) -> None:
    job = store.claim_next("w", LEASE)
    assert store.finish(job.id, job.lease_token, '{"invoices": []}', needs_review=False)


def test_a_batch_is_complete_once_with_its_last_document(store, kept):
    webhook = webhook_of(kept, events=("batch.completed",))
    batch_of(store, "PENDING", "FAILURE", "PENDING")
    assert batches(kept, webhook) == []
    finish_next(store)
    assert batches(kept, webhook) == []
    job = store.claim_next("w", LEASE)
    store.fail(job.id, job.lease_token, {"code": "corrupt_file", "title": "x"})
    (told,) = batches(kept, webhook)
    assert told == {
        "batch_id": "b" * 32,
        "counts": {"SUCCESS": 1, "FAILURE": 2},
        "links": {"batch": f"/v1/batches/{'b' * 32}"},
    }
    store.delete("default", "0" * 32)  # what has ended does not end again
    assert batches(kept, webhook) == [told]


def test_a_batch_of_refused_files_is_complete_at_once_and_once(store, kept):
    webhook = webhook_of(kept)
    batch_of(store, "FAILURE", "FAILURE")
    assert [told["counts"] for told in batches(kept, webhook)] == [{"FAILURE": 2}]


def test_a_batch_whose_last_document_is_deleted_is_complete(store, kept):
    webhook = webhook_of(kept)
    batch_of(store, "PENDING", "PENDING")
    finish_next(store)
    (waits,) = [job for job in store.newest("default", limit=9).jobs if not job.is_final]
    store.delete("default", waits.id)
    assert [told["counts"] for told in batches(kept, webhook)] == [{"SUCCESS": 1, "REVOKED": 1}]


def test_a_batch_whose_last_document_is_cancelled_is_complete(store, kept):
    webhook = webhook_of(kept)
    (waits,) = batch_of(store, "PENDING")
    People(store.engine).cancel("default", waits.id, None, {"code": "cancelled", "title": "x"})
    assert [told["counts"] for told in batches(kept, webhook)] == [{"REVOKED": 1}]
    assert len(all_of(kept, webhook)) == 1  # a cancelled document has no event of its own


def test_a_confirmation_is_told(store, kept):
    webhook = webhook_of(kept, events=("document.confirmed",))
    ended(store, review=True)
    people = People(store.engine)
    for _ in range(2):
        people.decide("default", "a" * 32, None, "confirmed", lambda _: ())
    (delivery,) = all_of(kept, webhook)
    data = json.loads(delivery.body)["data"]
    assert (data["status"], data["needs_review"]) == ("SUCCESS", False)


def test_a_batch_is_told_to_the_url_that_its_upload_names(store, kept, made):
    options = {"webhook": made.name("default", URL), "webhook_url": URL}
    batch_of(store, "PENDING", options=options)
    finish_next(store)
    (webhook,) = kept.listed("default")
    assert [delivery.url for delivery in all_of(kept, webhook)] == [URL, URL]
    assert len(batches(kept, webhook)) == 1


def test_of_documents_that_end_at_the_same_time_one_completes_the_batch(store, kept):
    webhook = webhook_of(kept, events=("batch.completed",))
    for number in range(10):
        ids = [secrets.token_hex(16) for _ in range(4)]
        store.add([a_job(job_id, batch=f"{number:032x}") for job_id in ids])
    claims = [store.claim_next("w", LEASE) for _ in range(40)]

    def finish(job) -> None:
        assert store.finish(job.id, job.lease_token, '{"invoices": []}', needs_review=False)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(finish, claims))
    told = batches(kept, webhook)
    assert sorted(one["batch_id"] for one in told) == [f"{number:032x}" for number in range(10)]
    assert all(one["counts"] == {"SUCCESS": 4} for one in told)


def test_a_document_ends_while_somebody_holds_others_of_its_batch_and_wants_it_too(postgres):
    engine = connect(postgres)
    migrate(engine)
    store = SqlStore(engine)
    webhook_of(SqlWebhookStore(engine), events=("batch.completed",))
    first, last = batch_of(store, "PENDING", "PENDING")
    job = store.claim(last.id, "w", LEASE)
    with ThreadPoolExecutor(1) as pool, engine.connect() as connection:
        connection.execute(select(jobs).where(jobs.c.id == first.id).with_for_update())
        end = pool.submit(store.fail, job.id, job.lease_token, {"code": "x", "title": "X"})
        wait([end], timeout=1)
        connection.execute(select(jobs).where(jobs.c.id == last.id).with_for_update())
        assert end.result(5)
        connection.rollback()
    engine.dispose()


# ---------------------------------------------------------------- webhook_url


def test_an_upload_names_a_webhook_by_its_url(store, kept, made):
    webhook = made.make("default", URL, ())
    assert made.name("default", URL) == webhook.id
    ended(store, options={"webhook": webhook.id, "webhook_url": URL})
    ended(store, "b" * 32)
    (delivery,) = all_of(kept, webhook)
    assert (delivery.job, delivery.url) == ("a" * 32, None)


def test_urls_of_one_host_share_a_webhook_and_its_secret(store, kept, made):
    ids = {made.name("default", f"https://hooks.example.com/in?doc={n}") for n in range(3)}
    (webhook,) = kept.listed("default")
    assert ids == {webhook.id}
    assert (webhook.url, webhook.by_upload, webhook.events) == (
        "https://hooks.example.com",
        True,
        (),
    )
    assert made.name("acme", URL) not in ids
    url = "https://hooks.example.com/in?doc=7"
    ended(store, options={"webhook": webhook.id, "webhook_url": url})
    claim = kept.claim(LEASE, failing=True)
    assert claim.url == url
    assert kept.settle(claim, Outcome(410)) is None  # this URL is gone, not all of the host
    assert all_of(kept, webhook)[0].state == "failed"
    assert kept.get("default", webhook.id).disabled_at is None


def test_a_document_is_told_once_where_its_url_is_also_registered(store, kept, made):
    webhook = made.make("default", URL, EVENTS)
    ended(store, options={"webhook": made.name("default", URL), "webhook_url": URL})
    assert len(all_of(kept, webhook)) == 1


def test_a_url_whose_webhook_is_off_cannot_be_named(made):
    webhook = made.make("default", URL, ())
    made.change("default", webhook.id, enabled=False)
    with pytest.raises(WebhookConflict):
        made.name("default", URL)


def test_documents_are_taken_though_their_receiver_is_dead(store, kept, made):
    named = made.name("default", URL)
    off = {"disabled_at": datetime.now(UTC), "disabled_reason": "failing"}
    kept.change("default", named, off)
    assert made.name("default", URL) == named
    ended(store, options={"webhook": named, "webhook_url": URL})
    assert kept.claim(LEASE, failing=True) is None
    (delivery,) = all_of(kept, kept.get("default", named))
    assert (delivery.state, delivery.error, delivery.url) == ("failed", "switched_off", URL)
    made.change("default", named, enabled=True)
    assert kept.redeliver("default", named, delivery.event).next_at is not None


def test_a_webhook_by_upload_keeps_its_host(made):
    webhook_id = made.name("default", URL)
    with pytest.raises(WebhookConflict):
        made.change("default", webhook_id, url="https://other.example.com/")
    assert made.change("default", webhook_id, enabled=False).disabled_reason == "asked"


# ---------------------------------------------------------------- the schedule


def test_the_schedule_is_that_of_standard_webhooks_with_jitter():
    hours = 3_600
    assert (
        *(0, 5, 300, 1_800),
        *(2 * hours, 5 * hours, 10 * hours, 14 * hours, 20 * hours, 24 * hours),
    ) == SCHEDULE
    for attempt, seconds in enumerate(SCHEDULE):
        waits = [wait_before(attempt).total_seconds() for _ in range(400)]
        assert all(seconds * (1 - JITTER) <= wait <= seconds * (1 + JITTER) for wait in waits)
        assert max(waits) - min(waits) >= 0.3 * seconds


def test_a_delivery_is_attempted_ten_times_under_one_id_and_then_listed_as_failed(moved, clock):
    webhook = webhook_of(moved)
    send(moved)
    seen = []
    for attempt, seconds in enumerate(SCHEDULE):
        clock.move(seconds * (1 - JITTER) - 1)
        if attempt:
            assert moved.claim(LEASE, failing=True) is None  # too early
        clock.move(2 * JITTER * seconds + 2)
        claim = moved.claim(LEASE, failing=True)
        seen.append((claim.delivery.event, claim.delivery.body))
        moved.settle(claim, BROKEN)
    assert len(set(seen)) == 1
    (delivery,) = all_of(moved, webhook)
    assert (delivery.state, delivery.attempts, delivery.status) == ("failed", 10, 500)
    assert delivery.next_at is None
    clock.move(10 * 86_400)
    assert moved.claim(LEASE, failing=True) is None


def test_what_was_delivered_is_not_sent_again(moved, clock):
    webhook = webhook_of(moved)
    send(moved)
    moved.settle(moved.claim(LEASE, failing=True), Outcome(204))
    clock.move(86_400)
    assert moved.claim(LEASE, failing=True) is None
    (delivery,) = all_of(moved, webhook)
    assert (delivery.state, delivery.attempts, delivery.status) == ("delivered", 1, 204)


@pytest.mark.parametrize("outcome", [Outcome(301), Outcome(404), Outcome(error="timeout")])
def test_all_but_2xx_is_a_failure(moved, outcome):
    webhook = webhook_of(moved)
    send(moved)
    moved.settle(moved.claim(LEASE, failing=True), outcome)
    (delivery,) = all_of(moved, webhook)
    assert (delivery.state, delivery.status, delivery.error) == (
        "pending",
        outcome.status,
        outcome.error,
    )
    assert 4 <= (delivery.next_at - delivery.attempted_at).total_seconds() <= 6


def test_a_worker_that_dies_with_a_delivery_leaves_it_to_another(moved, clock):
    webhook_of(moved)
    send(moved)
    first = moved.claim(LEASE, failing=True)
    assert moved.claim(LEASE, failing=True) is None
    clock.move(LEASE.total_seconds() + 1)
    second = moved.claim(LEASE, failing=True)
    assert second.delivery.event == first.delivery.event
    moved.settle(first, OK)  # it comes back too late
    assert all_of(moved, first.webhook)[0].state == "pending"
    moved.settle(second, OK)
    assert all_of(moved, first.webhook)[0].state == "delivered"


# ---------------------------------------------------------------- answers


def test_retry_after_lets_the_whole_webhook_rest(moved, clock):
    webhook = webhook_of(moved)
    send(moved, 2)
    claim = moved.claim(LEASE, failing=True)
    moved.settle(claim, Outcome(429, rest=timedelta(minutes=10)))
    clock.move(9 * 60)
    assert moved.claim(LEASE, failing=True) is None
    clock.move(61)
    assert moved.claim(LEASE, failing=True) is not None
    held = all_of(moved, webhook)
    assert {delivery.attempts for delivery in held} == {0, 1}


def test_nobody_makes_us_wait_longer_than_a_day(moved, clock):
    webhook_of(moved)
    send(moved)
    moved.settle(moved.claim(LEASE, failing=True), Outcome(503, rest=timedelta(days=400)))
    clock.move(86_401)
    assert moved.claim(LEASE, failing=True) is not None


def test_410_switches_off_and_what_waits_fails(kept):
    webhook = webhook_of(kept)
    send(kept, 3)
    off = kept.settle(kept.claim(LEASE, failing=True), Outcome(410))
    assert (off.id, off.disabled_reason) == (webhook.id, "gone")
    assert {d.state for d in all_of(kept, webhook)} == {"failed"}
    send(kept)
    assert len(all_of(kept, webhook)) == 3
    assert kept.claim(LEASE, failing=True) is None


def test_five_days_of_failures_switch_off(moved, clock):
    webhook = webhook_of(moved)
    send(moved)
    off = None
    began = clock.now
    while off is None:
        send(moved)
        clock.move(6 * 3_600)
        while claim := moved.claim(LEASE, failing=True):
            off = off or moved.settle(claim, BROKEN)
    assert off.disabled_reason == "failing"
    assert GIVEN_UP <= clock.now - began <= GIVEN_UP + timedelta(hours=12)
    assert moved.get("default", webhook.id).disabled_at is not None


def test_one_success_ends_a_run_of_failures(moved, clock):
    webhook = webhook_of(moved)
    for _ in range(30):
        send(moved, 2)
        clock.move(6 * 3_600)
        moved.settle(moved.claim(LEASE, failing=True), BROKEN)
        moved.settle(moved.claim(LEASE, failing=True), OK)
    found = moved.get("default", webhook.id)
    assert (found.failures, found.failing_since, found.disabled_at) == (0, None, None)


def test_switched_on_again_it_begins_anew(kept, made):
    webhook = webhook_of(kept)
    send(kept)
    kept.settle(kept.claim(LEASE, failing=True), Outcome(410))
    event = all_of(kept, webhook)[0].event
    with pytest.raises(WebhookConflict):
        kept.redeliver("default", webhook.id, event)
    on = made.change("default", webhook.id, enabled=True)
    assert (on.disabled_at, on.disabled_reason, on.failures) == (None, None, 0)
    again = kept.redeliver("default", webhook.id, event)
    assert (again.event, again.state, again.attempts) == (event, "pending", 0)
    assert kept.claim(LEASE, failing=True).delivery.event == event


# ---------------------------------------------------------------- turns


def test_a_webhook_has_but_so_many_deliveries_under_way(kept):
    webhook_of(kept)
    send(kept, AT_A_TIME + 2)
    claims = [kept.claim(LEASE, failing=True) for _ in range(AT_A_TIME)]
    assert all(claims)
    assert kept.claim(LEASE, failing=True) is None
    kept.settle(claims[0], OK)
    assert kept.claim(LEASE, failing=True) is not None


def test_the_one_with_the_fewest_under_way_is_next(kept):
    one = webhook_of(kept)
    send(kept, 3)
    assert kept.claim(LEASE, failing=True).webhook.id == one.id
    other = webhook_of(kept)
    send(kept)
    assert kept.claim(LEASE, failing=True).webhook.id == other.id


def test_a_webhook_that_fails_again_and_again_has_one_at_a_time_and_no_reserved_room(kept):
    webhook = webhook_of(kept)
    send(kept, FAILING + 3)
    for _ in range(FAILING):
        kept.settle(kept.claim(LEASE, failing=True), BROKEN)
    assert kept.claim(LEASE, failing=False) is None
    claim = kept.claim(LEASE, failing=True)
    assert claim.webhook.failures == FAILING
    assert kept.claim(LEASE, failing=True) is None
    kept.settle(claim, OK)
    assert kept.get("default", webhook.id).failures == 0
    assert kept.claim(LEASE, failing=False) is not None


# ---------------------------------------------------------------- keeping them


def test_a_secret_is_of_256_bits_and_two_sign_for_a_day_after_a_rotation(made):
    webhook = made.make("default", URL, EVENTS)
    assert webhook.secret.startswith("whsec_")
    assert len(webhook.secret) == len("whsec_") + 44
    new = made.rotate("default", webhook.id)
    assert new.secret != webhook.secret
    assert new.secret_before == webhook.secret
    left = new.secret_before_until - datetime.now(UTC)
    assert OVERLAP - timedelta(minutes=1) < left <= OVERLAP


def test_a_private_url_is_refused_as_it_is_saved_and_as_it_is_changed(kept, made):
    inside = Webhooks(kept, Addresses(resolver=lambda _: ["10.0.0.1"]))
    webhook = made.make("default", URL, EVENTS)
    with pytest.raises(ForbiddenUrl):
        inside.make("default", URL, EVENTS)
    with pytest.raises(ForbiddenUrl):
        inside.change("default", webhook.id, url=URL)
    with pytest.raises(ForbiddenUrl):
        inside.name("default", URL)
    assert [found.id for found in kept.listed("default")] == [webhook.id]


def test_a_tenant_has_but_so_many(kept, made):
    for number in range(MAX_WEBHOOKS):
        made.name("default", f"https://h{number}.example.com/")
    with pytest.raises(WebhookConflict):
        made.make("default", URL, EVENTS)
    with pytest.raises(WebhookConflict):
        made.name("default", URL)
    made.name("default", "https://h7.example.com/in")  # that one is there
    made.make("acme", URL, EVENTS)


def test_a_full_tenant_gives_up_hosts_that_uploads_named_and_nothing_is_sent_to(store, kept, made):
    ids = [made.name("default", f"https://h{n}.example.com/") for n in range(MAX_WEBHOOKS)]
    long_ago = datetime.now(UTC) - timedelta(days=40)
    old = update(table).where(table.c.id.in_(ids[:5])).values(created_at=long_ago)
    with kept._write() as connection:
        connection.execute(old)
        served = update(table).where(table.c.id == ids[4]).values(served_at=long_ago)
        connection.execute(served)
    made.change("default", ids[0], enabled=False)  # would be on again when it is named again
    ended(store, "a" * 32, options={"webhook": ids[1], "webhook_url": "https://h1.example.com/"})
    store.add(
        [a_job("b" * 32, options={"webhook": ids[2], "webhook_url": "https://h2.example.com/"})]
    )
    made.name("default", URL)
    assert {ids[3]} == set(ids) - {one.id for one in kept.listed("default")}
    made.make("default", URL, EVENTS)
    assert {ids[3], ids[4]} == set(ids) - {one.id for one in kept.listed("default")}
    with pytest.raises(WebhookConflict):
        made.name("default", "https://one.more.example.com/")
    assert len(kept.listed("default")) == MAX_WEBHOOKS


def test_a_foreign_webhook_is_unknown(kept, made):
    webhook = made.make("acme", URL, EVENTS)
    send(kept, tenant="acme")
    (delivery,) = all_of(kept, webhook)
    for call in (
        lambda: kept.get("default", webhook.id),
        lambda: kept.delete("default", webhook.id),
        lambda: kept.test("default", webhook.id),
        lambda: kept.redeliver("default", webhook.id, delivery.event),
        lambda: kept.deliveries("default", webhook.id, limit=1, cursor=None, state=None),
        lambda: made.change("default", webhook.id, enabled=False),
        lambda: made.change("default", webhook.id, events=EVENTS),
        lambda: made.rotate("default", webhook.id),
    ):
        with pytest.raises(UnknownWebhook):
            call()
    assert kept.get("acme", webhook.id) == webhook
    assert kept.listed("default") == []


def test_deleting_a_webhook_deletes_its_deliveries(kept):
    webhook = webhook_of(kept)
    send(kept, 2)
    kept.delete("default", webhook.id)
    assert kept.claim(LEASE, failing=True) is None
    with kept.engine.connect() as connection:
        assert connection.execute(select(rows)).all() == []


def test_deliveries_are_listed_page_by_page(kept):
    webhook = webhook_of(kept)
    send(kept, 7)
    kept.settle(kept.claim(LEASE, failing=True), OK)
    seen, cursor = [], None
    while True:
        page = kept.deliveries("default", webhook.id, limit=3, cursor=cursor, state=None)
        seen += [delivery.event for delivery in page.deliveries]
        if (cursor := page.next) is None:
            break
    assert len(seen) == len(set(seen)) == 7
    assert seen == sorted(seen, reverse=True)
    some = kept.deliveries("default", webhook.id, limit=9, cursor=None, state="delivered")
    assert len(some.deliveries) == 1


def test_deliveries_that_ended_long_ago_are_forgotten(moved, clock):
    webhook = webhook_of(moved)
    send(moved, 2)
    moved.settle(moved.claim(LEASE, failing=True), OK)
    clock.move(KEPT.total_seconds() + 10)
    send(moved)
    assert moved.prune() == 2
    assert len(all_of(moved, webhook)) == 1


def test_a_test_is_sent_whatever_the_webhook_is_for(kept):
    webhook = webhook_of(kept, events=())
    delivery = kept.test("default", webhook.id)
    assert delivery.kind == "webhook.test"
    assert kept.claim(LEASE, failing=True).delivery.event == delivery.event
    with kept.engine.begin() as connection:
        connection.execute(update(table).values(disabled_at=datetime.now(UTC)))
    with pytest.raises(WebhookConflict):
        kept.test("default", webhook.id)
