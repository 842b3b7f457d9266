"""What a paid call to a model asks of its surroundings: a `Gate` before each, a `Memory` of answers."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from invoice_extraction.errors import ModelError


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call that is about to be made.

    `model` is `provider:name`; `size` the bytes to send; `tokens` those of request and answer together,
    as expected; `cost` what it can cost at the most, in US dollars, None where no price is known.
    """

    model: str
    size: int
    tokens: int
    cost: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a call took: `tokens` and `cost` as `Call` has them, 0 where nothing was billed.

    `error` is what it failed with, None where it was answered; `reached` is False where there was no
    connection to the provider.
    """

    tokens: int
    cost: Decimal | None
    error: ModelError | None = None
    reached: bool = True


class Gate(Protocol):
    """Lets calls through as rates, budgets and the provider's health allow; safe for many threads."""

    def enter(self, call: Call) -> str:
        """Return a ticket once the call may be made; waits a few seconds at the most.

        Raises:
            BudgetExceeded: It would cost more than is left.
            EngineRateLimited, EngineOverloaded: Not now; `retry_after` says in how many seconds.
        """
        ...

    def leave(self, ticket: str, outcome: Outcome) -> None:
        """Settle a call: give back what it did not take, and heed what the provider said."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that was kept; `own` where who asks now kept it, and so has paid for it, earlier."""

    answer: bytes
    own: bool = False


class Memory(Protocol):
    """Keeps answers, so that the same question about the same document is paid once."""

    def recall(self, key: str, *, only_own: bool = False) -> Kept | None:
        """Return what was kept under a key, one's own first or alone, None where there is nothing."""
        ...

    def keep(self, key: str, answer: bytes) -> bool:
        """Keep an answer, and return whether it is kept; what is kept may go at any time."""
        ...
