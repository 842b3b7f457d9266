"""What webhooks cost: recording an event, claiming among many that wait, sending one; and a good receiver's wait
beside one that hangs. `python -m benchmarks.webhooks`; computing time, over SQLite in a temporary folder."""

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles

from sqlalchemy import insert

from service.addresses import Addresses
from service.courier import Courier
from service.store.migrate import migrate
from service.store.sql import SqlStore
from service.store.tables import deliveries
from service.store.transactions import connect
from service.store.webhooks import SqlWebhookStore
from service.webhooks import EVENTS, Outcome, Webhooks
from tests.receiver import Receiver, hang
from tests.service.made import a_claim, a_job

LEASE = timedelta(minutes=2)
ROUNDS = 200


def milliseconds(call: Callable[[], object]) -> float:
    """Return the median computing time of a call."""
    found = []
    for _ in range(ROUNDS):
        began = time.process_time()
        call()
        found.append((time.process_time() - began) * 1000)
    return median(found)


def new(folder: Path) -> tuple[SqlStore, SqlWebhookStore, Webhooks]:
    engine = connect(f"sqlite:///{folder / 'jobs.db'}")
    migrate(engine)
    store = SqlWebhookStore(engine)
    addresses = Addresses(resolver=lambda _: ["93.184.215.14"])
    return SqlStore(engine), store, Webhooks(store, addresses)


def recording() -> None:
    """What a job's end costs with so many webhooks that are told of it."""
    for many in (0, 1, 5):
        with tempfile.TemporaryDirectory() as folder:
            store, _, webhooks = new(Path(folder))
            for number in range(many):
                webhooks.make("default", f"https://h{number}.example.com/", EVENTS)
            ids = iter(range(10_000))

            def one(store: SqlStore = store, ids=ids) -> None:
                job = a_job(f"{next(ids):032x}")
                store.add([job])
                claimed = store.claim_next("w", LEASE)
                text = '{"invoices": []}'
                store.finish(claimed.id, claimed.lease_token, text, needs_review=False)

            print(f"a job from its row to its end, {many} webhooks: {milliseconds(one):.2f} ms")


def claiming() -> None:
    """What a claim and its end cost while so many deliveries wait for their next attempt."""
    for waiting in (0, 50_000):
        with tempfile.TemporaryDirectory() as folder:
            _, store, webhooks = new(Path(folder))
            hook = webhooks.make("default", "https://h.example.com/", EVENTS)
            now = datetime.now(UTC)
            row = {"webhook": hook.id, "kind": "document.completed", "body": "{}", "url": None}
            row |= {"job": None, "state": "pending", "attempts": 1, "created_at": now}
            late = [
                row | {"event": f"late-{n}", "not_before": now + timedelta(hours=1)}
                for n in range(waiting)
            ]
            due = [row | {"event": f"msg-{n}", "not_before": now} for n in range(ROUNDS)]
            with store.engine.begin() as connection:
                connection.execute(insert(deliveries), late + due)

            def one(store: SqlWebhookStore = store) -> None:
                claim = store.claim(LEASE, failing=True)
                assert claim is not None
                store.settle(claim, Outcome(204))

            print(f"a claim and its end, {waiting:,} waiting: {milliseconds(one):.2f} ms")


def sending() -> None:
    """What an attempt costs: the look-up, the signature, the connection, the answer."""
    with Receiver() as receiver:
        claim = a_claim(receiver.url, body="{" + " " * 500 + "}")
        courier = Courier(None, Addresses(frozenset({receiver.place})))
        print(
            f"an attempt (with the receiver's part): {milliseconds(lambda: courier.attempt(claim)):.2f} ms"
        )


def beside_a_hanging_one(events: int = 300) -> None:
    """How long a good receiver waits for its events by the clock while another one hangs."""
    with tempfile.TemporaryDirectory() as folder, Receiver() as good, Receiver(hang(60)) as bad:
        store, kept, _ = new(Path(folder))
        addresses = Addresses(frozenset({good.place, bad.place}))
        webhooks = Webhooks(kept, addresses)
        for receiver in (good, bad):
            webhooks.make("default", receiver.url, ("document.completed",))
        courier = Courier(kept, addresses)
        courier.start()
        begun = {}
        for number in range(events):
            job = a_job(f"{number:032x}")
            store.add([job])
            claimed = store.claim_next("w", LEASE)
            text = '{"invoices": []}'
            store.finish(claimed.id, claimed.lease_token, text, needs_review=False)
            begun[claimed.id] = time.monotonic()
            time.sleep(0.02)
        while len(good.received) < events:
            time.sleep(0.1)
        courier.stop()
        waits = [
            one.at - begun[task]
            for one in good.received
            for task in begun
            if task in one.body.decode()
        ]
        print(
            f"beside one that hangs, {events} events: p50 {median(waits):.2f} s, "
            f"p95 {quantiles(waits, n=20)[-1]:.2f} s, all {len(waits)} there"
        )


if __name__ == "__main__":
    recording()
    claiming()
    sending()
    beside_a_hanging_one()
