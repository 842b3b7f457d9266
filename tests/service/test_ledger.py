import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from invoice_extraction.errors import BudgetExceeded, EngineRateLimited
from service.keys import Keys
from service.store.keys import SqlKeyStore
from service.store.ledger import HELD, Balance, Budget, Ledger, Payer
from service.store.migrate import migrate
from service.store.transactions import connect
from tests.servers import ROOT

CENT = Decimal("0.01")

RACE = """
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from invoice_extraction.errors import ModelError
from service.store.ledger import Budget, Ledger
from service.store.transactions import connect

ledger = Ledger(connect(sys.argv[1]), Budget(day=Decimal("1"), total=Decimal("2")))

def call(number):
    try:
        ticket = ledger.reserve(Decimal("0.01"))
    except ModelError:
        return 0
    if number % 2:
        ledger.settle(ticket, "m", 10, Decimal("0.01"))
    return 1

with ThreadPoolExecutor(64) as pool:
    print(sum(pool.map(call, range(128))))
"""


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'jobs.db'}"
    return request.getfixturevalue("postgres_with_tables")


@pytest.fixture
def open_ledger(url, clock):
    engines = []

    def make(**limits) -> Ledger:
        engine = connect(url)
        migrate(engine)
        engines.append(engine)
        return Ledger(engine, Budget(**limits), clock)

    yield make
    for engine in engines:
        engine.dispose()


def let_through(ledger: Ledger, cost: Decimal | None = CENT) -> int:
    """Return how many calls of a cost are let through and not settled, up to a hundred."""
    for number in range(100):
        try:
            ledger.reserve(cost)
        except (BudgetExceeded, EngineRateLimited):
            return number
    return 100


def spend(ledger: Ledger, cost: Decimal = CENT) -> None:
    ledger.settle(ledger.reserve(cost), "m", 100, cost)


@pytest.mark.parametrize("budget", ["day", "total"])
def test_calls_stop_at_the_budget(open_ledger, budget):
    ledger = open_ledger(**{budget: Decimal("0.05")})
    for _ in range(5):
        spend(ledger)
    with pytest.raises(BudgetExceeded, match=r"0\.05 of the .*budget of \$0\.05"):
        ledger.reserve(CENT)


def test_a_call_that_costs_nothing_is_let_through_without_money(open_ledger):
    ledger = open_ledger(day=Decimal())
    assert let_through(ledger) == 0
    assert ledger.reserve(Decimal())


def test_without_a_budget_nothing_is_held(open_ledger):
    assert open_ledger().reserve(Decimal(1000)) is None


def test_the_last_cent_is_given_once_however_many_race_for_it(url, open_ledger):
    ledger = open_ledger(day=Decimal(1), total=Decimal(2))
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, url], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    counts = [int(racer.communicate(timeout=100)[0]) for racer in racers]
    assert sum(counts) == 100
    assert ledger.balance().day_left == 0


def test_threads_that_settle_at_the_same_time_lose_nothing(open_ledger):
    ledger = open_ledger(day=Decimal(100))
    with ThreadPoolExecutor(32) as pool:
        for _ in pool.map(lambda _: spend(ledger), range(96)):
            pass
    ((today,), _) = ledger.used()
    assert (today.calls, today.tokens, today.cost) == (96, 9600, Decimal("0.96"))
    assert ledger.balance().day_left == Decimal("99.04")


def test_what_a_call_did_not_take_is_given_back(open_ledger):
    ledger = open_ledger(day=CENT)
    ticket = ledger.reserve(CENT)
    ledger.settle(ticket, "m", 5, Decimal("0.002"))
    assert ledger.balance() == Balance(
        day=CENT,
        day_left=Decimal("0.008"),
        day_held=Decimal(),
        total=None,
        total_left=None,
        total_held=None,
    )


def test_what_is_only_held_makes_a_call_wait_and_not_fail(open_ledger):
    ledger = open_ledger(day=CENT)
    ledger.reserve(CENT)
    with pytest.raises(EngineRateLimited) as told:
        ledger.reserve(CENT)
    assert told.value.retry_after


def test_a_call_whose_worker_died_is_counted_until_its_hold_expires(open_ledger, clock, url):
    ledger = open_ledger(day=CENT)
    ledger.reserve(CENT)
    assert ledger.expire() == 0
    assert let_through(ledger) == 0
    if url.startswith("sqlite"):
        clock.move(HELD.total_seconds() + 1)
    else:  # there the database's own clock counts
        with ledger.engine.begin() as connection:
            connection.exec_driver_sql(
                "UPDATE reservations SET expires_at = now() - interval '1 s'"
            )
    assert ledger.expire() == 1
    assert let_through(ledger) == 1


def test_a_call_settled_after_its_hold_expired_is_booked_all_the_same(open_ledger):
    ledger = open_ledger(day=CENT)
    ticket = ledger.reserve(CENT)
    ledger.release(ticket)
    ledger.settle(ticket, "m", 5, CENT)
    assert ledger.balance().day_left == 0
    assert let_through(ledger) == 0


def test_a_new_day_has_its_own_budget_and_what_was_held_yesterday_is_yesterdays(open_ledger, clock):
    ledger = open_ledger(day=CENT, total=Decimal("0.02"))
    late = ledger.reserve(CENT)
    clock.move(86_400)
    spend(ledger)
    ledger.settle(late, "m", 5, CENT)
    balance = ledger.balance()
    assert (balance.day_left, balance.total_left) == (0, 0)
    today, in_all = ledger.used()
    assert (today[0].calls, in_all[0].calls) == (1, 2)
    clock.move(86_400)
    with pytest.raises(BudgetExceeded, match="the budget of"):
        ledger.reserve(CENT)


def test_a_worker_whose_clock_is_behind_does_not_open_the_day_again(open_ledger, clock):
    ledger = open_ledger(day=CENT)
    spend(ledger)
    clock.move(-86_400)
    with pytest.raises(BudgetExceeded):
        ledger.reserve(CENT)


def test_a_model_without_a_known_price_counts_as_told(open_ledger):
    ledger = open_ledger(day=Decimal("0.05"), unknown=Decimal("0.02"))
    ledger.settle(ledger.reserve(None), "ollama:x", 700, None)
    assert let_through(ledger, None) == 1
    (spent,) = ledger.used()[0]
    assert (spent.calls, spent.unpriced, spent.cost) == (1, 1, 0)


def test_use_is_told_by_model_the_dearest_first(open_ledger):
    ledger = open_ledger()
    ledger.settle(None, "google:a", 10, CENT)
    ledger.settle(None, "openai:b", 20, 2 * CENT)
    ledger.count_kept("google:a")
    today, in_all = ledger.used()
    assert today == in_all
    assert [(spent.model, spent.calls, spent.cached) for spent in today] == [
        ("openai:b", 1, 0),
        ("google:a", 1, 1),
    ]


# ------------------------------------------------------------------ a key's own budget


READ = frozenset({"read"})


@pytest.fixture
def ledger(open_ledger) -> Ledger:
    return open_ledger(day=Decimal(1))


@pytest.fixture
def key(ledger) -> str:
    """A key that may spend three cents a day, and five ever."""
    keys = Keys(SqlKeyStore(ledger.engine))
    made, _ = keys.make("acme", "k", READ, budget_day=3 * CENT, budget_total=5 * CENT)
    return made.id


def test_a_key_spends_no_more_than_its_own_budget_however_much_the_service_has(ledger, key):
    payer = Payer("acme", key)
    tickets = [ledger.reserve(CENT, payer) for _ in range(3)]
    with pytest.raises(EngineRateLimited):
        ledger.reserve(CENT, payer)
    assert ledger.balance(key).day_held == ledger.balance(key).total_held == 3 * CENT
    assert ledger.reserve(CENT)  # somebody else
    for ticket in tickets:
        ledger.settle(ticket, "m", 10, CENT, payer)
    with pytest.raises(BudgetExceeded, match="of the key's day's budget"):
        ledger.reserve(CENT, payer)
    assert ledger.balance(key) == Balance(
        day=3 * CENT,
        day_left=Decimal(),
        day_held=Decimal(),
        total=5 * CENT,
        total_left=2 * CENT,
        total_held=Decimal(),
    )


def test_a_call_that_a_key_cannot_pay_holds_nothing_of_the_service(ledger, key):
    before = ledger.balance()
    with pytest.raises(BudgetExceeded):
        ledger.reserve(4 * CENT, Payer("acme", key))
    assert ledger.balance() == before


def test_what_a_key_held_is_given_back_when_the_call_was_not_made(ledger, key):
    payer = Payer("acme", key)
    ledger.release(ledger.reserve(3 * CENT, payer))
    assert ledger.balance(key).day_left == 3 * CENT
    assert ledger.reserve(3 * CENT, payer)


def test_one_of_many_that_race_gets_the_last_cent_of_a_key(ledger, key):
    def call(_):
        try:
            return ledger.reserve(CENT, Payer("acme", key)) is not None
        except EngineRateLimited:
            return False

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(call, range(32))) == 3


def test_each_tenant_sees_its_own_use_alone(ledger):
    ledger.settle(None, "m", 10, CENT, Payer("acme"))
    ledger.settle(None, "m", 20, CENT, Payer("bolt", "0" * 12))
    ledger.count_kept("m", "bolt")
    (ours,), (theirs,) = ledger.used("acme")[0], ledger.used("bolt")[0]
    assert (ours.tokens, ours.cached) == (10, 0)
    assert (theirs.tokens, theirs.cached) == (20, 1)
    assert ledger.used()[1] == ()


def test_the_calls_of_a_job_that_may_be_billed_are_counted_before_they_are_made(open_ledger):
    ledger, payer = open_ledger(), Payer(job_id="a" * 32)
    assert ledger.paid("a" * 32) == 0
    lost = ledger.reserve(CENT, payer)  # its worker dies
    ledger.settle(ledger.reserve(CENT, payer), "m", 100, CENT, payer)
    ledger.settle(ledger.reserve(CENT, payer), "m", 0, Decimal(), payer)  # turned away
    ledger.release(ledger.reserve(CENT, payer), payer)  # not made
    assert lost is None
    assert (ledger.paid("a" * 32), ledger.paid("b" * 32)) == (2, 0)


def test_a_call_that_finds_no_money_is_not_counted_as_its_job_s(open_ledger):
    ledger, payer = open_ledger(day=CENT), Payer(job_id="a" * 32)
    ledger.settle(ledger.reserve(CENT, payer), "m", 100, CENT, payer)
    with pytest.raises(BudgetExceeded):
        ledger.reserve(CENT, payer)
    assert ledger.paid("a" * 32) == 1
