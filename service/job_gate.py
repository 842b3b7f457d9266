"""The gate before paid calls, as one job sees it."""

from collections.abc import Callable
from dataclasses import dataclass

from invoice_extraction.model.calls import Call, Gate, Outcome


@dataclass(frozen=True, slots=True)
class JobGate:
    """Fulfils `model.calls.Gate`: what `gate` lets through, each call's begin and end a `step` of the job.

    A long document takes several calls, and each may take minutes.
    """

    gate: Gate
    step: Callable[[], None]

    def enter(self, call: Call) -> str:
        """Return a ticket; raises as that of `gate`."""
        self.step()
        return self.gate.enter(call)

    def leave(self, ticket: str, outcome: Outcome) -> None:
        """Settle a call."""
        self.step()
        self.gate.leave(ticket, outcome)
