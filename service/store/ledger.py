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
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)

from invoice_extraction.errors import BudgetExceeded, EngineRateLimited, ModelError
from service.store.tables import accounts, reservations, usage
from service.store.transactions import Transactions, count

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
    """The budgets and what is left of each, in US dollars; None where there is none."""

    day: Decimal | None
    day_left: Decimal | None
    total: Decimal | None
    total_left: Decimal | None


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


class Ledger(Transactions):
    """The books; each call is one transaction, and may raise ServiceUnavailable or StorageFull.

    One row holds what is spent and held; a call is let through by one conditional UPDATE of it, so that
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

    def reserve(self, cost: Decimal | None) -> str | None:
        """Hold what a call can cost at the most, None where that is not known; return its ticket.

        None where there is no budget, and so nothing to hold.

        Raises:
            BudgetExceeded: It could cost more than is left.
            EngineRateLimited: So it could as long as calls under way hold what they can cost.
        """
        budget = self._budget
        if budget.day is None and budget.total is None:
            return None
        amount = units(budget.unknown if cost is None else cost)
        today, ticket = self._today(), secrets.token_hex(16)
        new_day = accounts.c.day < today
        held = case((new_day, _NOTHING), else_=accounts.c.day_held)
        spent = case((new_day, _NOTHING), else_=accounts.c.day_spent)
        more = literal(amount, BigInteger)
        taken = update(accounts).where(accounts.c.id == SERVICE)
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
        with self._write() as connection:
            day = connection.execute(taken.returning(accounts.c.day)).scalar_one_or_none()
            if day is None:
                raise self._refusal(connection, amount)
            connection.execute(
                insert(reservations).values(
                    id=ticket,
                    account=SERVICE,
                    day=day,
                    amount=amount,
                    expires_at=self._now() + HELD,
                )
            )
        return ticket

    def _refusal(self, connection: Connection, amount: int) -> ModelError:
        """Return why a call is not let through: what is spent forbids it, or only what is held."""
        row = connection.execute(select(accounts).where(accounts.c.id == SERVICE)).one()
        budget = self._budget
        today = 0 if row.day < self._today() else row.day_spent
        for limit, spent, name in (
            (budget.day, today, "day's budget"),
            (budget.total, row.total_spent, "budget"),
        ):
            if limit is not None and spent + amount > units(limit):
                return BudgetExceeded(
                    f"${dollars(spent)} of the {name} of ${limit} for models are spent, and the "
                    f"next call can cost ${dollars(amount)}."
                )
        return EngineRateLimited(
            "Calls under way hold what is left of the budget for models.", retry_after=HELD_RETRY
        )

    def settle(self, ticket: str | None, model: str, tokens: int, cost: Decimal | None) -> None:
        """Book a call that was made, and give back what was held for it; `cost` None is not known."""
        unpriced = cost is None and tokens > 0
        spent = units(self._budget.unknown if unpriced else cost or Decimal())
        with self._write() as connection:
            day, held = self._release(connection, ticket)
            _spend(connection, day, spent=spent, held=held)
            _count_use(
                connection,
                day,
                model,
                calls=1,
                tokens=tokens,
                cost=0 if unpriced else spent,
                unpriced=int(unpriced),
            )

    def release(self, ticket: str | None) -> None:
        """Give back what was held for a call that was not made."""
        if ticket is not None:
            with self._write() as connection:
                day, held = self._release(connection, ticket)
                _spend(connection, day, spent=0, held=held)

    def _release(self, connection: Connection, ticket: str | None) -> tuple[date, int]:
        """Return the day of a hold and how much it was; nothing is held where it expired."""
        if ticket is None:
            return self._today(), 0
        gone = delete(reservations).where(reservations.c.id == ticket)
        row = connection.execute(gone.returning(reservations.c.day, reservations.c.amount)).first()
        return (row.day, row.amount) if row else (self._today(), 0)

    def count_kept(self, model: str) -> None:
        """Count an answer that was kept and used again."""
        today = self._today()
        with self._write() as connection:
            _spend(connection, today, spent=0, held=0)
            _count_use(connection, today, model, cached=1)

    def expire(self) -> int:
        """Give back what is held for calls that nobody settled in time; return how many."""
        over = reservations.c.expires_at < self._now()
        with self._read() as connection:
            if connection.execute(select(reservations.c.id).where(over).limit(1)).first() is None:
                return 0
        with self._write() as connection:
            gone = delete(reservations).where(over)
            rows = connection.execute(
                gone.returning(reservations.c.day, reservations.c.amount)
            ).all()
            for row in rows:
                _spend(connection, row.day, spent=0, held=row.amount)
        return len(rows)

    def balance(self) -> Balance:
        """Return the budgets and what is left of them."""
        with self._read() as connection:
            return self._balance(connection)

    def _balance(self, connection: Connection) -> Balance:
        row = connection.execute(select(accounts).where(accounts.c.id == SERVICE)).one()
        day = 0 if row.day < self._today() else row.day_held + row.day_spent
        total = row.total_held + row.total_spent
        budget = self._budget
        return Balance(
            day=budget.day,
            day_left=None if budget.day is None else max(budget.day - dollars(day), Decimal()),
            total=budget.total,
            total_left=None
            if budget.total is None
            else max(budget.total - dollars(total), Decimal()),
        )

    def used(self) -> tuple[tuple[Spent, ...], tuple[Spent, ...]]:
        """Return what each model took today (UTC) and in all, the dearest first."""
        with self._read() as connection:
            return _sums(connection, self._today()), _sums(connection, None)

    def _today(self) -> date:
        return self._clock().astimezone(UTC).date()


def _sums(connection: Connection, day: date | None) -> tuple[Spent, ...]:
    """Return what each model took, on a day or ever; the dearest first."""
    sums = [func.sum(usage.c[name]).label(name) for name in _COUNTED]
    query = select(usage.c.model, *sums).group_by(usage.c.model)
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


def _spend(connection: Connection, day: date, *, spent: int, held: int) -> None:
    """Book what was spent on a day, and give back what was held for it.

    The row's lock, held from here to the end, also keeps `_count_use` from racing.
    """
    connection.execute(_BOOKED, {"on": day, "spent": spent, "held": held})


def _count_use(connection: Connection, day: date, model: str, **more: int) -> None:
    row: dict[str, Any] = {f"more_{name}": more.get(name, 0) for name in _COUNTED}
    row |= {"on": day, "of": model[:200]}
    if not count(connection.execute(_USED, row)):
        connection.execute(_FIRST_USED, row)


def _booked() -> Update:
    """Return the statement of `_spend`, made once."""
    day = bindparam("on", type_=Date)
    spent, held = bindparam("spent", type_=BigInteger), bindparam("held", type_=BigInteger)
    same, newer = accounts.c.day == day, accounts.c.day < day
    return (
        update(accounts)
        .where(accounts.c.id == SERVICE)
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
_PARAMETERS: dict[str, Any] = {"day": bindparam("on"), "model": bindparam("of")} | {
    name: bindparam(f"more_{name}") for name in _COUNTED
}
_BOOKED = _booked()
_USED = (
    update(usage)
    .where(usage.c.day == bindparam("on"), usage.c.model == bindparam("of"))
    .values({name: usage.c[name] + bindparam(f"more_{name}") for name in _COUNTED})
)
_FIRST_USED = insert(usage).values(_PARAMETERS)


def units(amount: Decimal) -> int:
    """Return dollars in billionths, rounded up."""
    return int((amount / _UNIT).to_integral_value(ROUND_CEILING))


def dollars(amount: int) -> Decimal:
    """Return billionths of a dollar as dollars."""
    return (amount * _UNIT).normalize() + Decimal()
