"""The contract of a rule, and how a check is told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import NamedTuple, Protocol

from invoice_extraction.model.currency import decimals_of
from invoice_extraction.model.extraction import Check, ExtractedInvoice
from invoice_extraction.model.invoice import decimal_text

NO_DECIMALS = Decimal(1)
CENT = Decimal("0.01")
_HALF = Decimal("0.5")

SUMS = frozenset(
    [
        *("BR-CO-10", "BR-CO-11", "BR-CO-12", "BR-CO-13", "BR-CO-14", "BR-CO-15", "BR-CO-16"),
        *("BR-CO-17", "lines_add_up", "line_amount"),
    ]
)
"""Checks that a sum comes to what is printed."""

FAILURES = 50
"""How many wrong values of one rule are told each by itself; the others are told together."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule may ask of the world: the day it is."""

    today: date = field(default_factory=date.today)


class Rule(Protocol):
    """Checks one thing; changes nothing."""

    def __call__(self, invoice: ExtractedInvoice, context: Context) -> list[Check]:
        """Return what was found, at least one check; not_applicable where a value is null."""
        ...


class Finding(NamedTuple):
    """What a rule says of one value: True it is right, False it is wrong, None it cannot tell.

    A tuple, which is made in a third of the time: there may be hundreds of thousands.
    """

    pointer: str
    right: bool | None
    message: str
    found: str | None = None
    expected: str | None = None


def not_applicable(check_id: str, message: str) -> list[Check]:
    """Return the one check that says that there is nothing to check."""
    return [Check(id=check_id, status="not_applicable", message=message)]


def checks_of(
    check_id: str,
    findings: Iterable[Finding],
    *,
    passed: str,
    nothing: str,
    tolerance: Decimal | None = None,
) -> list[Check]:
    """Return one check for all that is right, and one for each value that is wrong.

    Of very many wrong values those after the first `FAILURES` share one check.
    """
    told = list(findings)
    limit = decimal_text(tolerance) if tolerance is not None else None
    right = [finding.pointer for finding in told if finding.right]
    wrong = [finding for finding in told if finding.right is False]
    checks = [
        Check(
            id=check_id,
            status="fail",
            fields=[finding.pointer],
            expected=finding.expected,
            found=finding.found,
            tolerance=limit,
            message=finding.message,
        )
        for finding in wrong[:FAILURES]
    ]
    if more := [finding.pointer for finding in wrong[FAILURES:]]:
        said = f"{len(more):,} more values fail the check {check_id}."
        checks.append(Check(id=check_id, status="fail", fields=more, tolerance=limit, message=said))
    if right:
        checks.insert(
            0, Check(id=check_id, status="pass", fields=right, tolerance=limit, message=passed)
        )
    return checks or not_applicable(check_id, nothing)


def compared(
    check_id: str,
    fields: Sequence[str],
    *,
    expected: Decimal,
    found: Decimal,
    tolerance: Decimal,
    what: str,
    optional: Sequence[Decimal] = (),
) -> list[Check]:
    """Return the check that a sum is what the invoice says, `what` being the sum in words.

    `optional` amounts may be part of the sum or not; it fits when any choice of them does.
    """
    best = min(_sums(expected, optional), key=lambda total: abs(total - found))
    fits = abs(best - found) <= tolerance
    told = money(best if fits else expected, found)
    says = decimal_text(found)
    return [
        Check(
            id=check_id,
            status="pass" if fits else "fail",
            fields=list(fields),
            expected=told,
            found=says,
            tolerance=decimal_text(tolerance),
            message=f"{what} {told}, as the invoice says."
            if fits
            else f"{what} {told}, the invoice says {says}.",
        )
    ]


def minor_unit(currency: str | None) -> Decimal:
    """Return the currency's smallest unit (ISO 4217): 0.01, 1 for JPY, 0.001 for KWD.

    1 for HUF too: it has two decimals, but nothing below a forint is paid, and most round to it.
    """
    if currency is None:
        return CENT
    if currency == "HUF":
        return NO_DECIMALS
    return NO_DECIMALS.scaleb(-decimals_of(currency))


def sum_tolerance(invoice: ExtractedInvoice) -> Decimal:
    """Return how far a sum may be off: half a minor unit for each line, at least 0.01.

    For a currency with two decimals: max(0.01, 0.005 x number of lines).
    """
    unit = max(minor_unit(invoice.result.currency), CENT)
    return max(unit, unit * _HALF * len(invoice.result.lines))


def money(value: Decimal, like: Decimal) -> str:
    """Return an amount in words: two decimals, none where it needs none and `like` has none."""
    whole = value == int(value) and like == int(like) and "." not in decimal_text(like)
    return f"{value:.0f}" if whole else f"{value:.2f}"


def is_einvoice(invoice: ExtractedInvoice) -> bool:
    """Return whether the values were read from an e-invoice."""
    return any(evidence.origin == "xml" for evidence in invoice.evidence.values())


def _sums(base: Decimal, optional: Sequence[Decimal]) -> list[Decimal]:
    return [
        base + sum(chosen, Decimal(0))
        for count in range(len(optional) + 1)
        for chosen in combinations(optional, count)
    ]
