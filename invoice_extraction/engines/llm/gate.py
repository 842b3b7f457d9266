"""The gate of one process: how many calls, bytes and tokens may be under way, and to whom at all."""

import itertools
import threading
import time
from collections import deque
from dataclasses import dataclass

from invoice_extraction.errors import EngineOverloaded, EngineRateLimited, EngineTimeout, OwnLimit
from invoice_extraction.model.calls import Call, Outcome

WINDOW = 60.0
"""Seconds over which calls and tokens are counted."""
FAILURES = 5
"""Failures in a row, of any calls, after which whoever failed is left in peace for a while: a model that
was overloaded or late, a provider that could not be reached."""
FIRST_REST, LONGEST_REST = 5.0, 30.0
"""Seconds for which it is; doubled each time that the one call that then tries fails too."""
SHORTEST_WAIT = 1.0
"""Seconds that a call is asked to wait where nobody knows how long those under way take."""


@dataclass(slots=True)
class _Started:
    """A call in the window; `tokens` are the estimate until it is settled."""

    call: Call
    at: float
    tokens: int


@dataclass(slots=True)
class _Health:
    """Of a model or a provider: it rests until `until` (0 when it is well), then one call tries."""

    failures: int = 0
    rest: float = 0.0
    rested_at: float = 0.0
    until: float = 0.0
    trying: str | None = None


class LocalGate:
    """Lets calls of this process through; fulfils `model.calls.Gate` without budgets.

    At most `concurrency` calls and `in_flight` bytes are under way (one call that is larger than that
    goes alone), and in any minute at most `rpm` calls and `tpm` tokens begin, None for no limit. Who
    cannot be let through within `patience` seconds is told when to come again.
    """

    def __init__(
        self,
        *,
        concurrency: int = 64,
        in_flight: int = 256_000_000,
        rpm: int | None = None,
        tpm: int | None = None,
        patience: float = 5.0,
    ) -> None:
        self._concurrency = concurrency
        self._in_flight = in_flight
        self._rpm = rpm
        self._tpm = tpm
        self._patience = patience
        self._changed = threading.Condition()
        self._numbers = itertools.count(1)
        self._under_way: dict[str, _Started] = {}
        self._window: deque[_Started] = deque()
        self._pauses: dict[str, float] = {}
        self._healths: dict[str, _Health] = {}

    def enter(self, call: Call) -> str:
        """Return a ticket once the call may be made.

        Raises:
            OwnLimit: A limit of ours holds it for longer than `patience`.
            EngineRateLimited: One of the provider does.
            EngineOverloaded: The model or its provider failed again and again and is not asked for a while.
        """
        latest = time.monotonic() + self._patience
        with self._changed:
            while True:
                now = time.monotonic()
                healths = self._healths_of(call.model)
                for health in healths:
                    self._check_health(call.model, health, now)
                wait, full = self._wait(call, now), self._is_full(call)
                if not wait and not full:
                    break
                if now >= latest or now + wait > latest:
                    paused = self._pauses.get(call.model, 0.0) > now
                    raise (EngineRateLimited if paused else OwnLimit)(
                        f"The limits for calls to {call.model!r} are reached.",
                        retry_after=max(wait, self._patience, SHORTEST_WAIT),
                    )
                # A slot that becomes free, and a provider that begins to fail, are heard of at once.
                self._changed.wait(wait or latest - now)
            ticket = str(next(self._numbers))
            started = _Started(call, now, call.tokens)
            self._under_way[ticket] = started
            self._window.append(started)
            for health in healths:
                if health.until:
                    health.trying = ticket
            return ticket

    def leave(self, ticket: str, outcome: Outcome) -> None:
        """Settle the call of a ticket; the same ticket again changes nothing."""
        with self._changed:
            started = self._under_way.pop(ticket, None)
            if started is None:
                return
            started.tokens = outcome.tokens
            error = outcome.error
            if isinstance(error, EngineRateLimited) and error.retry_after is not None:
                until = time.monotonic() + error.retry_after
                model = started.call.model
                self._pauses[model] = max(until, self._pauses.get(model, 0.0))
            of_model, of_provider = self._healths_of(started.call.model)
            failed = isinstance(error, EngineOverloaded | EngineTimeout)
            late = failed and outcome.reached
            self._learn(of_model, ticket, started, failed=late, well=error is None)
            lost = failed and not outcome.reached
            self._learn(of_provider, ticket, started, failed=lost, well=outcome.reached)
            self._changed.notify_all()

    def _healths_of(self, model: str) -> tuple[_Health, _Health]:
        """Return the health of a model and that of its provider."""
        names = (model, model.partition(":")[0])
        one, other = (self._healths.setdefault(name, _Health()) for name in names)
        return one, other

    def _check_health(self, model: str, health: _Health, now: float) -> None:
        if now < health.until or health.trying is not None:
            raise EngineOverloaded(
                f"The provider of {model!r} failed several times in a row and is not asked now.",
                retry_after=max(health.until - now, 1.0),
            )

    def _is_full(self, call: Call) -> bool:
        """Return whether the call has to wait until another one ends."""
        size = sum(started.call.size for started in self._under_way.values())
        return len(self._under_way) >= self._concurrency or (
            bool(self._under_way) and size + call.size > self._in_flight
        )

    def _wait(self, call: Call, now: float) -> float:
        """Return how many seconds the call has to wait at least, 0 where it need not."""
        while self._window and self._window[0].at <= now - WINDOW:
            self._window.popleft()
        wait = max(0.0, self._pauses.get(call.model, 0.0) - now)
        if self._rpm is not None and len(self._window) >= self._rpm:
            wait = max(wait, self._window[-self._rpm].at + WINDOW - now)
        if self._tpm is not None:
            wait = max(wait, self._wait_for_tokens(call.tokens, self._tpm, now))
        return wait

    def _wait_for_tokens(self, tokens: int, most: int, now: float) -> float:
        used = sum(started.tokens for started in self._window)
        for started in self._window:
            if used + tokens <= most:
                break
            used -= started.tokens
            wait = started.at + WINDOW - now
            if used + tokens <= most or not used:
                return wait
        return 0.0

    def _learn(
        self, health: _Health, ticket: str, started: _Started, *, failed: bool, well: bool
    ) -> None:
        """Count a failure; after `FAILURES` in a row, or when the one that tries fails, rest."""
        tried = health.trying == ticket
        if tried:
            health.trying = None
        if not failed:
            if well:
                health.failures, health.until, health.rest = 0, 0.0, 0.0
            return
        if started.at < health.rested_at:
            # It began before the rest did, and tells nothing of what came after.
            return
        health.failures += 1
        if tried or health.failures >= FAILURES:
            now = time.monotonic()
            health.rested_at = now
            health.rest = min(max(health.rest * 2, FIRST_REST), LONGEST_REST)
            health.until = now + health.rest
            health.failures = 0
