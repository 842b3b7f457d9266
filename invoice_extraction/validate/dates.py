"""Dates: in order, and of this age."""

from datetime import date, timedelta

from invoice_extraction.model.extraction import Check, ExtractedInvoice
from invoice_extraction.validate.base import Context, Finding, checks_of, not_applicable

EARLIEST = date(1990, 1, 1)
AHEAD = timedelta(days=5 * 365 + 2)
"""Five years, with the leap days that they may hold."""

_DATES = (
    "issue_date",
    "due_date",
    "tax_point_date",
    "delivery_date",
    "period_start",
    "period_end",
)


def due_after_issue(invoice: ExtractedInvoice, context: Context) -> list[Check]:
    """Check that the invoice is not due before it is issued."""
    rule, result = "due_after_issue", invoice.result
    if result.issue_date is None or result.due_date is None:
        return not_applicable(rule, "Issue date and due date are not both known.")
    return [
        _ordered(
            rule,
            ("/issue_date", result.issue_date),
            ("/due_date", result.due_date),
            f"The invoice is due on {result.due_date}, before its issue on {result.issue_date}.",
        )
    ]


def plausible_dates(invoice: ExtractedInvoice, context: Context) -> list[Check]:
    """Check that each date is later than 1990 and no more than five years ahead."""
    last = context.today + AHEAD
    findings = []
    for name in _DATES:
        value: date | None = getattr(invoice.result, name)
        if value is not None:
            said = f"{value} is no plausible date ({name.replace('_', ' ')})."
            right = EARLIEST <= value <= last
            findings.append(Finding(f"/{name}", right, said, value.isoformat()))
    return checks_of(
        "plausible_dates",
        findings,
        passed="The dates are plausible.",
        nothing="There are no dates.",
    )


def period(invoice: ExtractedInvoice, context: Context) -> list[Check]:
    """Check that the invoicing period ends after it begins (BG-14)."""
    rule, result = "BR-29", invoice.result
    if result.period_start is None or result.period_end is None:
        return not_applicable(rule, "There is no period with beginning and end.")
    return [
        _ordered(
            rule,
            ("/period_start", result.period_start),
            ("/period_end", result.period_end),
            f"The period ends on {result.period_end}, before it begins.",
        )
    ]


def line_periods(invoice: ExtractedInvoice, context: Context) -> list[Check]:
    """Check that each line's period ends after it begins (BG-26)."""
    findings = [
        Finding(
            f"/lines/{n}/period_end",
            line.period_end >= line.period_start,
            f"Line {n + 1}: the period ends on {line.period_end}, before it begins.",
            line.period_end.isoformat(),
        )
        for n, line in enumerate(invoice.result.lines)
        if line.period_start is not None and line.period_end is not None
    ]
    return checks_of(
        "BR-30",
        findings,
        passed="Each line's period ends after it begins.",
        nothing="No line has a period.",
    )


def _ordered(rule: str, first: tuple[str, date], second: tuple[str, date], wrong: str) -> Check:
    right = first[1] <= second[1]
    return Check(
        id=rule,
        status="pass" if right else "fail",
        fields=[first[0], second[0]],
        expected=f"{first[1]} or later",
        found=second[1].isoformat(),
        message="The dates are in order." if right else wrong,
    )
