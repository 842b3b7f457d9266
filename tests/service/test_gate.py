import threading
import time
from decimal import Decimal

import pytest
from limits import RateLimitItemPerMinute, RateLimitItemPerSecond

from invoice_extraction.engines.llm.gate import LocalGate
from invoice_extraction.errors import BudgetExceeded, EngineOverloaded, EngineRateLimited, OwnLimit
from invoice_extraction.model.calls import Call, Outcome
from service import gate as module
from service.errors import ServiceUnavailable
from service.gate import SharedGate, SharedRates, full_for
from service.store.ledger import Budget, Ledger

CENT = Decimal("0.01")
MODEL = "google:a"


def a_call(tokens: int = 100, cost: Decimal | None = CENT) -> Call:
    return Call(model=MODEL, size=1000, tokens=tokens, cost=cost)


def answered(tokens: int = 100, cost: Decimal | None = CENT) -> Outcome:
    return Outcome(tokens=tokens, cost=cost)


@pytest.fixture
def ledger(sqlite_store) -> Ledger:
    return Ledger(sqlite_store.engine, Budget(day=Decimal("0.03")))


@pytest.fixture
def worker(ledger, valkey):
    """Return gates as workers have them, which share a Redis and a database."""

    def make(**limits) -> SharedGate:
        rates = SharedRates(valkey.url, **{"rpm": None, "tpm": None} | limits)
        return SharedGate(LocalGate(**limits), ledger, rates)

    return make


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    monkeypatch.setattr(module, "LOOK", 0.01)


def test_a_call_is_booked_with_what_it_took(worker, ledger):
    gate = worker()
    gate.leave(gate.enter(a_call()), answered(60, CENT / 2))
    (spent,) = ledger.used()[0]
    assert (spent.model, spent.calls, spent.tokens, spent.cost) == (MODEL, 1, 60, CENT / 2)
    assert ledger.balance().day_left == CENT * 5 / 2


def test_workers_share_the_calls_of_a_minute(worker, impatient):
    first, second = worker(rpm=3), worker(rpm=3)
    for gate in (first, second, first):
        gate.leave(gate.enter(a_call()), answered(cost=Decimal()))
    with pytest.raises(EngineRateLimited) as told:
        second.enter(a_call())
    assert told.value.retry_after


def test_workers_share_the_tokens_of_a_minute_and_get_back_what_was_not_taken(worker, impatient):
    first, second = worker(tpm=1000), worker(tpm=1000)
    ticket = first.enter(a_call(800))
    with pytest.raises(EngineRateLimited):
        second.enter(a_call(800))
    first.leave(ticket, answered(100))
    second.leave(second.enter(a_call(800)), answered(100))


def test_what_was_not_taken_of_a_window_that_is_over_adds_nothing_to_the_next(valkey, impatient):
    rates = SharedRates(valkey.url, rpm=None, tpm=1000)
    rates._tpm = RateLimitItemPerSecond(1000, 2)  # windows of two seconds
    slow = [(call, rates.take(call)) for call in [a_call(250)] * 4]
    time.sleep(2.1)
    for call, taken in slow:
        rates.give_back(call, 0, taken)
    time.sleep(1.8)  # what the first window held counts hardly any more
    for _ in range(3):
        rates.take(a_call(250))
    with pytest.raises(OwnLimit):
        rates.take(a_call(500))


@pytest.mark.parametrize("begin", [0.0, 1.2])
def test_who_is_held_is_told_when_there_will_be_room(valkey, monkeypatch, begin):
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    rates = SharedRates(valkey.url, rpm=None, tpm=1000)
    rates._tpm = RateLimitItemPerSecond(1000, 2)  # windows of two seconds
    rates.take(a_call(100))
    time.sleep(begin)
    rates.take(a_call(900))
    with pytest.raises(OwnLimit) as told:
        rates.take(a_call(700))
    due = time.monotonic() + told.value.retry_after
    early = 0
    while True:
        before = time.monotonic()
        try:
            rates.take(a_call(700))
        except OwnLimit:
            early += 1
            time.sleep(0.02)
        else:
            break
    assert early
    assert before - 0.3 < due < time.monotonic() + 0.1


def test_room_is_told_by_both_windows():
    minute = RateLimitItemPerMinute(10)
    assert full_for((0, 0.0, 0, 0.0), minute, 1) == 0
    assert full_for((0, 0.0, 10, 100.0), minute, 1) == pytest.approx(40 + 60 - 60)
    assert full_for((0, 0.0, 10, 100.0), minute, 9) == pytest.approx(40 + 60 - 12)
    assert full_for((10, 50.0, 2, 110.0), minute, 1) == pytest.approx(50 - 48)
    assert full_for((10, 50.0, 2, 110.0), minute, 50) == pytest.approx(50 + 60 - 30)


def test_a_job_that_our_limits_hold_comes_back_when_there_is_room(worker, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    monkeypatch.setattr(module, "LOOK", 0.05)
    gate = worker(rpm=1)
    gate.leave(gate.enter(a_call()), answered(cost=Decimal()))
    with pytest.raises(OwnLimit) as told:
        gate.enter(a_call())
    assert 55 < told.value.retry_after <= 120


def test_a_call_larger_than_a_minutes_tokens_can_still_be_made(worker, impatient):
    assert worker(tpm=50).enter(a_call(800))


def test_one_workers_retry_after_stops_all_of_them(worker, impatient):
    first, second = worker(), worker()
    limited = EngineRateLimited("Slow down.", retry_after=30)
    first.leave(first.enter(a_call()), Outcome(tokens=0, cost=Decimal(), error=limited))
    with pytest.raises(EngineRateLimited) as told:
        second.enter(a_call())
    assert 25 < told.value.retry_after < 31
    other = Call(model="openai:b", size=1, tokens=1, cost=CENT)
    second.leave(second.enter(other), answered())


def test_a_short_rest_is_waited_for(worker):
    first, second = worker(), worker()
    limited = EngineOverloaded("Busy.", retry_after=0.6)
    first.leave(first.enter(a_call()), Outcome(tokens=0, cost=Decimal(), error=limited))
    began = time.monotonic()
    second.enter(a_call())
    assert 0.5 < time.monotonic() - began < 3


def test_a_call_that_finds_no_money_takes_nothing_from_the_rates(worker, ledger):
    gate = worker(rpm=2, tpm=1000)
    for _ in range(5):
        with pytest.raises(BudgetExceeded):
            gate.enter(a_call(900, Decimal(1)))
    assert worker(rpm=2, tpm=1000).enter(a_call(900))


def test_a_call_that_this_process_refuses_takes_nothing_from_the_rates(ledger, valkey):
    rates = SharedRates(valkey.url, rpm=1, tpm=None)
    full = LocalGate(concurrency=1, patience=0)
    full.enter(a_call())
    with pytest.raises(EngineRateLimited):
        SharedGate(full, ledger, rates).enter(a_call())
    assert SharedGate(LocalGate(), ledger, rates).enter(a_call())


def test_without_redis_the_limits_hold_in_this_process_and_the_log_says_so(
    worker, valkey, caplog, impatient
):
    gate = worker(rpm=1)
    valkey.stop()
    gate._local._patience = 0.0
    assert gate.enter(a_call())
    assert "hold in each worker alone" in caplog.text
    with pytest.raises(EngineRateLimited):
        gate.enter(a_call())
    assert len(caplog.records) == 1


def test_a_redis_that_is_back_is_asked_again(worker, valkey, monkeypatch, impatient):
    monkeypatch.setattr(module, "REDIS_AWAY", 0.0)
    first, second = worker(rpm=1), worker(rpm=1)
    valkey.stop()
    first.leave(first.enter(a_call()), answered(cost=Decimal()))
    valkey.start()
    assert second.enter(a_call())
    with pytest.raises(EngineRateLimited):
        worker(rpm=1).enter(a_call())


def test_without_the_books_no_call_is_made_where_there_is_a_budget(ledger, monkeypatch):
    def away(*_):
        raise ServiceUnavailable("The database does not answer.")

    monkeypatch.setattr(ledger, "reserve", away)
    local = LocalGate(concurrency=1, patience=0)
    gate = SharedGate(local, ledger, None)
    for _ in range(2):
        with pytest.raises(ServiceUnavailable):
            gate.enter(a_call())


def test_a_call_that_this_process_refuses_holds_no_money(ledger):
    full = LocalGate(concurrency=1, patience=0)
    full.enter(a_call())
    with pytest.raises(EngineRateLimited):
        SharedGate(full, ledger, None).enter(a_call())
    assert ledger.balance().day_left == Decimal("0.03")


def test_an_answer_that_cannot_be_booked_at_once_is_booked_later(ledger, monkeypatch):
    real, failures = ledger.settle, iter([True])

    def settle(*arguments):
        if next(failures, False):
            raise ServiceUnavailable("The database does not answer.")
        real(*arguments)

    monkeypatch.setattr(ledger, "settle", settle)
    monkeypatch.setattr(module.time, "sleep", lambda _seconds: None)
    gate = SharedGate(LocalGate(), ledger, None)
    gate.leave(gate.enter(a_call()), answered())
    assert ledger.used()[0][0].calls == 1


def test_what_the_last_call_was_refused_with_is_told_as_long_as_it_holds(ledger, monkeypatch):
    gate = SharedGate(LocalGate(patience=0), ledger, None)
    assert gate.refusal(MODEL) is None
    limited = EngineRateLimited("Slow down.", retry_after=0.5)
    gate.leave(gate.enter(a_call()), Outcome(tokens=0, cost=Decimal(), error=limited))
    with pytest.raises(EngineRateLimited):
        gate.enter(a_call())
    refusal = gate.refusal(MODEL)
    assert isinstance(refusal, EngineRateLimited)
    assert 0 < refusal.retry_after <= 1
    assert gate.refusal("openai:b") is None
    time.sleep(refusal.retry_after + 0.05)
    assert gate.refusal(MODEL) is None


def test_the_same_ticket_is_settled_once(ledger):
    gate = SharedGate(LocalGate(), ledger, None)
    ticket = gate.enter(a_call())
    gate.leave(ticket, answered())
    gate.leave(ticket, answered())
    assert ledger.used()[0][0].calls == 1


def test_the_budget_holds_for_many_threads_of_many_workers(worker, ledger):
    gates = [worker(), worker()]
    passed = []

    def call(gate: SharedGate) -> None:
        try:
            ticket = gate.enter(a_call())
        except (BudgetExceeded, EngineRateLimited):
            return
        passed.append(ticket)
        gate.leave(ticket, answered())

    threads = [threading.Thread(target=call, args=[gates[n % 2]]) for n in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 3
    assert ledger.balance().day_left == 0
