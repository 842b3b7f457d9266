"""The gate before paid calls: what all workers share through Redis, this process's own gate, the budget."""

import contextlib
import logging
import random
import threading
import time
from dataclasses import dataclass

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from redis import Redis, RedisError

from invoice_extraction.errors import EngineOverloaded, EngineRateLimited, ModelError, OwnLimit
from invoice_extraction.model.calls import Call, Gate, Outcome
from service.errors import ServiceError
from service.store.ledger import SOMEBODY, Ledger, Payer

log = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds that a call waits for the shared rates; who has to wait longer is told so, and its job waits."""

LOOK = 0.5
"""Seconds between two looks at the shared rates."""

CLOCK = 0.01
"""Seconds by which Redis, which counts in milliseconds, may be off."""

REDIS_AWAY = 5.0
"""Seconds during which a Redis that did not answer is not asked again."""

LONGEST_REST = 3600.0
"""The most seconds for which a provider can make all workers rest."""

BOOKINGS = 3
"""How often a call that was made is booked, a second apart, before its hold is left to expire."""


class SharedRates:
    """Calls and tokens a minute over all workers, and the rests that providers ask for.

    Kept in Redis. While that is away nothing is shared: everything is let through, and the gate of each
    process holds its own limits.
    """

    def __init__(self, url: str, *, rpm: int | None, tpm: int | None) -> None:
        self._redis = Redis.from_url(url, socket_timeout=2.0, socket_connect_timeout=2.0)
        self._storage = RedisStorage(
            url, key_prefix="llm", socket_timeout=2.0, socket_connect_timeout=2.0
        )
        self._limiter = SlidingWindowCounterRateLimiter(self._storage)
        self._rpm = RateLimitItemPerMinute(rpm) if rpm else None
        self._tpm = RateLimitItemPerMinute(tpm) if tpm else None
        self._away_until = 0.0
        self._lock = threading.Lock()

    def take(self, call: Call) -> float:
        """Return when a call was counted as begun (monotonic), once there is room for it among all workers'.

        Raises:
            EngineRateLimited: The provider asked for a rest that is longer than `PATIENCE`.
            OwnLimit: There is no room for longer than that; `retry_after` is when there will be, if
                nobody else comes first.
        """
        latest = time.monotonic() + PATIENCE
        told = f"The limits for calls to {call.model!r} are reached."
        while True:
            rest = self._rest(call.model)
            if rest <= 0 and self._counted(call):
                return time.monotonic()
            wait = rest if rest > 0 else LOOK
            if time.monotonic() + wait > latest:
                if rest > 0:
                    raise EngineRateLimited(told, retry_after=rest)
                raise OwnLimit(told, retry_after=max(self._full_for(call), PATIENCE))
            time.sleep(wait)

    def give_back(self, call: Call, tokens: int, taken: float) -> None:
        """Count a call that was made, and counted at `taken`, as having taken so many tokens.

        Once its window is over, it is not: the next one would hold more than a minute's tokens.
        """
        if self._tpm is not None and self._answers():
            cost = _within(call.tokens, self._tpm)
            since = time.monotonic() - taken
            try:
                # a window's counter is kept for twice as long as it counts
                age = 2 * self._tpm.get_expiry() - self._window(self._tpm, "tokens")[3]
                if tokens < cost and since > age + CLOCK:
                    return
                self._limiter.hit(self._tpm, "tokens", cost=min(tokens, cost) - cost)
            except RedisError as exc:
                self._lose(exc)

    def take_back(self, call: Call, taken: float) -> None:
        """Uncount a call that was not made."""
        self.give_back(call, 0, taken)
        if self._rpm is not None and self._answers():
            try:
                self._limiter.hit(self._rpm, "calls", cost=-1)
            except RedisError as exc:
                self._lose(exc)

    def rest(self, model: str, seconds: float) -> None:
        """Let no worker call the model for so long."""
        if not self._answers():
            return
        key, wanted = _rest_key(model), int(min(seconds, LONGEST_REST) * 1000)
        try:
            if wanted > self._redis.pttl(key):
                self._redis.set(key, 1, px=wanted)
        except RedisError as exc:
            self._lose(exc)

    def _rest(self, model: str) -> float:
        """Return for how many seconds the model's provider is left in peace, 0 where it is not."""
        if not self._answers():
            return 0.0
        try:
            rest = self._redis.pttl(_rest_key(model)) / 1000
        except RedisError as exc:
            self._lose(exc)
            return 0.0
        return rest + random.uniform(0, LOOK) if rest > 0 else 0.0  # noqa: S311  (not all at once)

    def _counted(self, call: Call) -> bool:
        """Return whether there was room for the call; it is counted then."""
        if not self._answers():
            return True
        try:
            if self._rpm is not None and not self._limiter.hit(self._rpm, "calls"):
                return False
            if self._tpm is None:
                return True
            if self._limiter.hit(self._tpm, "tokens", cost=_within(call.tokens, self._tpm)):
                return True
            if self._rpm is not None:
                self._limiter.hit(self._rpm, "calls", cost=-1)
        except RedisError as exc:
            self._lose(exc)
            return True
        return False

    def _full_for(self, call: Call) -> float:
        """Return the seconds until there is room for a call, as far as calls until now take it."""
        asked = [(self._rpm, "calls", 1), (self._tpm, "tokens", call.tokens)]
        try:
            waits = [
                full_for(self._window(limit, name), limit, cost)
                for limit, name, cost in asked
                if limit is not None
            ]
        except RedisError as exc:
            self._lose(exc)
            return 0.0
        return max(waits, default=0.0)

    def _window(self, limit: RateLimitItem, name: str) -> tuple[int, float, int, float]:
        """Return what is counted under a name, as `full_for` takes it."""
        return self._storage.get_sliding_window(limit.key_for(name), limit.get_expiry())

    def _answers(self) -> bool:
        return time.monotonic() >= self._away_until

    def _lose(self, exc: RedisError) -> None:
        with self._lock:
            if self._answers():
                log.warning(
                    "Redis does not answer: the limits for calls to models hold in each worker alone",
                    extra={"error": type(exc).__name__},
                )
            self._away_until = time.monotonic() + REDIS_AWAY


class SharedGate:
    """Fulfils `model.calls.Gate` for a worker; safe for many threads."""

    def __init__(self, local: Gate, ledger: Ledger, rates: SharedRates | None) -> None:
        self._local = local
        self._ledger = ledger
        self._rates = rates
        self._made: dict[str, tuple[Call, str | None, Payer, float]] = {}
        self._refusals: dict[str, tuple[ModelError, float]] = {}

    def of(self, payer: Payer) -> "PayersGate":
        """Return the gate for the calls of one payer."""
        return PayersGate(self, payer)

    def enter(self, call: Call, payer: Payer = SOMEBODY) -> str:
        """Return a ticket once the call may be made: there is room among all calls, here, and money.

        Raises:
            BudgetExceeded, OwnLimit, EngineRateLimited, EngineOverloaded: As `Gate.enter`.
            ServiceUnavailable: There is a budget, and the database that holds it is away.
        """
        try:
            ticket, held, taken = self._entered(call, payer)
        except (EngineRateLimited, EngineOverloaded) as error:
            self._refusals[call.model] = error, time.monotonic() + (error.retry_after or 0.0)
            raise
        self._refusals.pop(call.model, None)
        self._made[ticket] = call, held, payer, taken
        return ticket

    def _entered(self, call: Call, payer: Payer) -> tuple[str, str | None, float]:
        """Return the tickets of the local gate and of the ledger, and when the shared rates counted the call.

        Where one of them refuses, all is undone.
        """
        taken = 0.0
        with contextlib.ExitStack() as undo:
            if self._rates is not None:
                taken = self._rates.take(call)
                undo.callback(self._rates.take_back, call, taken)
            held = self._ledger.reserve(call.cost, payer)
            undo.callback(self._ledger.release, held, payer)
            ticket = self._local.enter(call)
            undo.pop_all()
        return ticket, held, taken

    def refusal(self, model: str) -> ModelError | None:
        """Return what a call to the model would be refused with just now, as the last one was; None: try."""
        error, until = self._refusals.get(model, (None, 0.0))
        left = until - time.monotonic()
        return type(error)(error.message, retry_after=left) if error and left > 0 else None

    def leave(self, ticket: str, outcome: Outcome) -> None:
        """Settle a call everywhere; the same ticket again changes nothing."""
        self._local.leave(ticket, outcome)
        if ticket not in self._made:
            return
        call, held, payer, taken = self._made.pop(ticket)
        error = outcome.error
        if self._rates is not None:
            self._rates.give_back(call, outcome.tokens, taken)
            if isinstance(error, EngineRateLimited | EngineOverloaded) and error.retry_after:
                self._rates.rest(call.model, error.retry_after)
        self._book(held, call.model, outcome, payer)

    def _book(self, held: str | None, model: str, outcome: Outcome, payer: Payer) -> None:
        """Book the call. Its answer is paid for and goes on even where it cannot be booked."""
        for attempt in range(1, BOOKINGS + 1):
            try:
                self._ledger.settle(held, model, outcome.tokens, outcome.cost, payer)
            except ServiceError as error:
                if attempt == BOOKINGS:
                    log.exception("a call was not booked", extra={"code": error.code})
                    return
                time.sleep(1.0)
            else:
                return


@dataclass(frozen=True, slots=True)
class PayersGate:
    """Fulfils `model.calls.Gate` for one payer, by the gate that all of a worker's calls go through."""

    gate: SharedGate
    payer: Payer

    def enter(self, call: Call) -> str:
        """See `SharedGate.enter`."""
        return self.gate.enter(call, self.payer)

    def leave(self, ticket: str, outcome: Outcome) -> None:
        """See `SharedGate.leave`."""
        self.gate.leave(ticket, outcome)


def _within(tokens: int, limit: RateLimitItem) -> int:
    """Return the tokens of a call, at most all that a minute holds: else it could never be made."""
    return min(tokens, limit.amount)


def full_for(window: tuple[int, float, int, float], limit: RateLimitItem, cost: int) -> float:
    """Return the seconds until there is room for `cost` in a sliding window, as limits weighs one.

    `window` holds the count of the window before and the seconds for which that still counts, then those
    of this one, which are as many and a window's length more. The count before weighs less by and by; when
    this window is over, it is the one before. (`get_window_stats` tells when the first unit is free, which
    may be no room yet.)
    """
    before, before_left, now, now_left = window
    length = limit.get_expiry()
    room = limit.amount - _within(cost, limit)
    if before and now <= room:
        # floor(before * left / length) + now has to be at most the room
        return max(0.0, before_left - (room - now + 1) * length / before)
    if not now:
        return 0.0
    return now_left - length + max(0.0, length - (room + 1) * length / now)


def _rest_key(model: str) -> str:
    return f"llm-rest:{model}"
