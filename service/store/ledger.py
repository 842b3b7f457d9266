"""What calls to models cost: budgets that hold under races, and what was used, by day and model.

Money is in billionths of a US dollar here, since a token costs less than a millionth, and Decimal dollars
outside.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Date,
    Engine,
    Update,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningUpdate

from invoice_extraction.errors import BudgetExceeded, ModelError, OwnLimit
from service.store.tables import accounts, keys, paid_calls, reservations, usage
from service.store.transactions import Transactions, count
from service.tenants import TENANT

SERVICE = "service"
"""The account of the whole service; its row is made by the migration."""

HELD = timedelta(minutes=15)
"""How long money is held for a call that nobody settles, as its worker died: longer than any call takes."""

HELD_RETRY = 5.0
"""Seconds after which a call that found all money held may find some given back."""

_UNIT = Decimal("1e-9")
_NOTHING = literal(0, BigInteger)  # PostgreSQL takes a bare number for one of 32 bits


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What may be spent, in US dollars: on one day (UTC), and ever; None is no limit.

    `unknown` is what a call counts for where its model has no known price.
    """

    day: Decimal | None = None
    total: Decimal | None = None
    unknown: Decimal = Decimal()


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The budgets, what is left of each, and what calls under way hold, which is not left; None where there is none.

    In US dollars.
    """

    day: Decimal | None
    day_left: Decimal | None
    day_held: Decimal | None
    total: Decimal | None
    total_left: Decimal | None
    total_held: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What one model took.

    `cost` is in US dollars, of the calls whose price is known; `unpriced` counts the others. `cached` are
    answers that were kept from an earlier call, and cost nothing.
    """

    model: str
    calls: int
    tokens: int
    cost: Decimal
    unpriced: int
    cached: int


@dataclass(frozen=True, slots=True)
class Payer:
    """For whom a call is made.

    The tenant in whose use it is counted, the key that may have a budget, and the job whose calls are
    counted until its end, None for none.
    """

    tenant: str = TENANT
    key_id: str | None = None
    job_id: str | None = None


SOMEBODY = Payer()
"""Whoever uses the service in open mode."""


class Ledger(Transactions):
    """The books; each call is one transaction, and may raise ServiceUnavailable or StorageFull.

    One row holds what is spent and held, and one more for each key that has a budget; a call is let through by one conditional UPDATE of each, so that
    of two that race for the last cent one loses, in whichever process they are. A call's hold is a row
    too: it is given back when the call is settled, or after `HELD` where that never happens.
    """

    def __init__(
        self,
        engine: Engine,
        budget: Budget,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(engine, clock)
        self._budget = budget

    def reserve(self, cost: Decimal | None, payer: Payer = SOMEBODY) -> str | None:
        """Hold what a call can cost at the most, None where that is not known; return its ticket.

        None where there is no budget, neither the service's nor the key's, and so nothing to hold. The call
        counts as one that may be billed until it is settled: its worker may die of it.

        Raises:
            BudgetExceeded: It could cost more than is left.
            OwnLimit: So it could as long as calls under way hold what they can cost.
        """
        ticket = secrets.token_hex(15)
        with self._write() as connection:
            budgets = self._budgets(connection, payer)
            amount = units(self._budget.unknown if cost is None else cost)
            for place, (account, budget) in enumerate(budgets):
                day = connection.execute(self._taken(account, budget, amount)).scalar_one_or_none()
                if day is None:
                    raise self._refusal(connection, account, budget, amount)
                held = {"account": account, "day": day, "amount": amount}
                until = self._now() + HELD
                new = insert(reservations).values(id=f"{ticket}{place}", expires_at=until, **held)
                connection.execute(new)
            self._count_paid(connection, payer)
        return ticket if budgets else None

    def _budgets(self, connection: Connection, payer: Payer) -> list[tuple[str, Budget]]:
        """Return the accounts that a call must fit into, with what each allows."""
        budgets = [(SERVICE, self._budget)]
        if payer.key_id is not None:
            budgets.append((payer.key_id, _budget_of(connection, payer.key_id)))
        return [one for one in budgets if one[1].day is not None or one[1].total is not None]

    def _taken(self, account: str, budget: Budget, amount: int) -> ReturningUpdate[tuple[date]]:
        """Return the statement that holds an amount, where the budget leaves room for it."""
        today = self._today()
        new_day = accounts.c.day < today
        held = case((new_day, _NOTHING), else_=accounts.c.day_held)
        spent = case((new_day, _NOTHING), else_=accounts.c.day_spent)
        more = literal(amount, BigInteger)
        taken = update(accounts).where(accounts.c.id == account)
        if budget.day is not None:
            taken = taken.where(held + spent + more <= literal(units(budget.day), BigInteger))
        if budget.total is not None:
            total = accounts.c.total_held + accounts.c.total_spent
            taken = taken.where(total + more <= literal(units(budget.total), BigInteger))
        taken = taken.values(
            day=case((new_day, today), else_=accounts.c.day),
            day_held=held + more,
            day_spent=spent,
            total_held=accounts.c.total_held + more,
        )
        return taken.returning(accounts.c.day)

    def _refusal(
        self, connection: Connection, account: str, budget: Budget, amount: int
    ) -> ModelError:
        """Return why a call is not let through: what is spent forbids it, or only what is held."""
        row = connection.execute(select(accounts).where(accounts.c.id == account)).one()
        today = 0 if row.day < self._today() else row.day_spent
        whose = "" if account == SERVICE else "key's "
        for limit, spent, name in (
            (budget.day, today, f"{whose}day's budget"),
            (budget.total, row.total_spent, f"{whose}budget"),
        ):
            if limit is not None and spent + amount > units(limit):
                return BudgetExceeded(
                    f"${dollars(spent)} of the {name} of ${limit} for models are spent, and the "
                    f"next call can cost ${dollars(amount)}."
                )
        return OwnLimit(
            "Calls under way hold what is left of the budget for models.", retry_after=HELD_RETRY
        )

    def settle(
        self,
        ticket: str | None,
        model: str,
        tokens: int,
        cost: Decimal | None,
        payer: Payer = SOMEBODY,
    ) -> None:
        """Book a call that was made, and give back what was held for it.

        `cost` None is not known; no tokens are a call that was not billed.
        """
        unpriced = cost is None and tokens > 0
        spent = units(self._budget.unknown if unpriced else cost or Decimal())
        today = self._today()
        with self._write() as connection:
            holds = _release(connection, ticket)
            # the service's row first: its lock, held to the end, keeps what follows from racing
            for account in filter(None, (SERVICE, payer.key_id)):
                day, held = holds.get(account, (today, 0))
                _spend(connection, account, day, spent=spent, held=held)
            day = holds[SERVICE][0] if SERVICE in holds else today
            _count_use(
                connection,
                payer.tenant,
                day,
                model,
                calls=1,
                tokens=tokens,
                cost=0 if unpriced else spent,
                unpriced=int(unpriced),
            )
            if not tokens:
                _uncount_paid(connection, payer)

    def release(self, ticket: str | None, payer: Payer = SOMEBODY) -> None:
        """Give back what was held for a call that was not made."""
        if ticket is None and payer.job_id is None:
            return
        with self._write() as connection:
            for account, (day, held) in sorted(
                _release(connection, ticket).items(), key=lambda hold: hold[0] != SERVICE
            ):
                _spend(connection, account, day, spent=0, held=held)
            _uncount_paid(connection, payer)

    def paid(self, job_id: str) -> int:
        """Return how many calls a job, that has not ended, has made which may have been billed."""
        counted = select(paid_calls.c.calls).where(paid_calls.c.job == job_id)
        with self._read() as connection:
            return connection.execute(counted).scalar_one_or_none() or 0

    def _count_paid(self, connection: Connection, payer: Payer) -> None:
        if payer.job_id is None:
            return
        insert = sqlite.insert if self._is_sqlite else postgresql.insert
        first = insert(paid_calls).values(job=payer.job_id, calls=1)
        one_more = {"calls": paid_calls.c.calls + 1}
        connection.execute(first.on_conflict_do_update(index_elements=["job"], set_=one_more))

    def count_kept(self, model: str, tenant: str = TENANT) -> None:
        """Count an answer that was kept and used again."""
        today = self._today()
        with self._write() as connection:
            _spend(connection, SERVICE, today, spent=0, held=0)
            _count_use(connection, tenant, today, model, cached=1)

    def expire(self) -> int:
        """Give back what is held for calls that nobody settled in time; return how many holds."""
        over = reservations.c.expires_at < self._now()
        with self._read() as connection:
            if connection.execute(select(reservations.c.id).where(over).limit(1)).first() is None:
                return 0
        with self._write() as connection:
            gone = delete(reservations).where(over).returning(reservations)
            rows = sorted(connection.execute(gone).all(), key=lambda row: row.account != SERVICE)
            for row in rows:
                _spend(connection, row.account, row.day, spent=0, held=row.amount)
        return len(rows)

    def balance(self, key_id: str | None = None) -> Balance:
        """Return the budgets of a key, None for the service's, and what is left of them."""
        with self._read() as connection:
            budget = self._budget if key_id is None else _budget_of(connection, key_id)
            return self._balance(connection, key_id or SERVICE, budget)

    def _balance(self, connection: Connection, account: str, budget: Budget) -> Balance:
        row = connection.execute(select(accounts).where(accounts.c.id == account)).one_or_none()
        if row is None:  # a key without a budget has no account
            budget, day, total = Budget(), (0, 0), (0, 0)
        else:
            day = (0, 0) if row.day < self._today() else (row.day_spent, row.day_held)
            total = (row.total_spent, row.total_held)
        day_left, day_held = _rest(budget.day, *day)
        total_left, total_held = _rest(budget.total, *total)
        return Balance(
            day=budget.day,
            day_left=day_left,
            day_held=day_held,
            total=budget.total,
            total_left=total_left,
            total_held=total_held,
        )

    def used(self, tenant: str = TENANT) -> tuple[tuple[Spent, ...], tuple[Spent, ...]]:
        """Return what each model took of a tenant's documents today (UTC) and in all, the dearest first."""
        with self._read() as connection:
            return _sums(connection, tenant, self._today()), _sums(connection, tenant, None)

    def _today(self) -> date:
        return self._clock().astimezone(UTC).date()


def _rest(limit: Decimal | None, spent: int, held: int) -> tuple[Decimal | None, Decimal | None]:
    """Return what is left of a budget and what is held of it, None where there is none."""
    if limit is None:
        return None, None
    return max(limit - dollars(spent + held), Decimal()), dollars(held)


def _budget_of(connection: Connection, key_id: str) -> Budget:
    """Return what a key may spend; without limits where it has none, or there is no such key."""
    found = select(keys.c.budget_day, keys.c.budget_total).where(keys.c.id == key_id)
    row = connection.execute(found).one_or_none()
    day, total = (None if money is None else dollars(money) for money in row or (None, None))
    return Budget(day=day, total=total)


def open_account(connection: Connection, key_id: str) -> None:
    """Make the row that a key's budget is kept in."""
    zero = dict.fromkeys(("day_held", "day_spent", "total_held", "total_spent"), 0)
    connection.execute(insert(accounts).values(id=key_id, day=date(1970, 1, 1), **zero))


def _uncount_paid(connection: Connection, payer: Payer) -> None:
    mine = and_(paid_calls.c.job == payer.job_id, paid_calls.c.calls > 0)
    if payer.job_id is not None:
        connection.execute(update(paid_calls).where(mine).values(calls=paid_calls.c.calls - 1))


def _release(connection: Connection, ticket: str | None) -> dict[str, tuple[date, int]]:
    """Return the day and the amount of a call's holds, by account; nothing is held where they expired."""
    if ticket is None:
        return {}
    ids = [f"{ticket}{place}" for place in range(2)]
    gone = delete(reservations).where(reservations.c.id.in_(ids)).returning(reservations)
    return {row.account: (row.day, row.amount) for row in connection.execute(gone)}


def _sums(connection: Connection, tenant: str, day: date | None) -> tuple[Spent, ...]:
    """Return what each model took, on a day or ever; the dearest first."""
    sums = [func.sum(usage.c[name]).label(name) for name in _COUNTED]
    query = select(usage.c.model, *sums).where(usage.c.tenant == tenant).group_by(usage.c.model)
    if day is not None:
        query = query.where(usage.c.day == day)
    found = [
        Spent(
            model=row.model,
            calls=int(row.calls),
            tokens=int(row.tokens),
            cost=dollars(int(row.cost)),
            unpriced=int(row.unpriced),
            cached=int(row.cached),
        )
        for row in connection.execute(query)
    ]
    return tuple(sorted(found, key=lambda spent: (-spent.cost, spent.model)))


def _spend(connection: Connection, account: str, day: date, *, spent: int, held: int) -> None:
    """Book what was spent on a day, and give back what was held for it.

    The lock of the service's row, held from here to the end, also keeps `_count_use` from racing.
    """
    connection.execute(_BOOKED, {"of": account, "on": day, "spent": spent, "held": held})


def _count_use(connection: Connection, tenant: str, day: date, model: str, **more: int) -> None:
    row: dict[str, Any] = {f"more_{name}": more.get(name, 0) for name in _COUNTED}
    row |= {"by": tenant, "on": day, "of": model[:200]}
    if not count(connection.execute(_USED, row)):
        connection.execute(_FIRST_USED, row)


def _booked() -> Update:
    """Return the statement of `_spend`, made once."""
    day = bindparam("on", type_=Date)
    spent, held = bindparam("spent", type_=BigInteger), bindparam("held", type_=BigInteger)
    same, newer = accounts.c.day == day, accounts.c.day < day
    return (
        update(accounts)
        .where(accounts.c.id == bindparam("of"))
        .values(
            day=case((newer, day), else_=accounts.c.day),
            day_held=case(
                (newer, _NOTHING), (same, accounts.c.day_held - held), else_=accounts.c.day_held
            ),
            day_spent=case(
                (newer, spent), (same, accounts.c.day_spent + spent), else_=accounts.c.day_spent
            ),
            total_held=accounts.c.total_held - held,
            total_spent=accounts.c.total_spent + spent,
        )
    )


_COUNTED = ("calls", "tokens", "cost", "unpriced", "cached")
_PARAMETERS: dict[str, Any] = {
    "tenant": bindparam("by"),
    "day": bindparam("on"),
    "model": bindparam("of"),
} | {name: bindparam(f"more_{name}") for name in _COUNTED}
_BOOKED = _booked()
_USED = (
    update(usage)
    .where(
        usage.c.tenant == bindparam("by"),
        usage.c.day == bindparam("on"),
        usage.c.model == bindparam("of"),
    )
    .values({name: usage.c[name] + bindparam(f"more_{name}") for name in _COUNTED})
)
_FIRST_USED = insert(usage).values(_PARAMETERS)


def units(amount: Decimal) -> int:
    """Return dollars in billionths, rounded up."""
    return int((amount / _UNIT).to_integral_value(ROUND_CEILING))


def dollars(amount: int) -> Decimal:
    """Return billionths of a dollar as dollars."""
    return (amount * _UNIT).normalize() + Decimal()
