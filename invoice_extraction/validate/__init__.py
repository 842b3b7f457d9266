"""Checks: `RULES` maps a check's id to the function that makes it.

A check reports what does not fit; it never changes a value.
"""

from collections.abc import Sequence
from datetime import date

from invoice_extraction.model.document import Page
from invoice_extraction.model.extraction import Check, ExtractedInvoice
from invoice_extraction.validate import (
    currency,
    dates,
    document,
    identifiers,
    parties,
    payment,
    totals,
)
from invoice_extraction.validate.base import Context, Rule
from invoice_extraction.validate.confidence import grade, review_reasons, review_threshold

__all__ = ["RULES", "Context", "Rule", "check", "review_threshold", "validate"]

RULES: dict[str, Rule] = {
    "not_an_invoice": document.is_invoice,
    "BR-CO-10": totals.lines_net,
    "BR-CO-11": totals.allowances,
    "BR-CO-12": totals.charges,
    "BR-CO-13": totals.net,
    "BR-CO-14": totals.tax,
    "BR-CO-15": totals.gross,
    "BR-CO-16": totals.amount_due,
    "BR-CO-17": totals.tax_bands,
    "lines_add_up": totals.lines_add_up,
    "line_amount": totals.line_amounts,
    "due_after_issue": dates.due_after_issue,
    "plausible_dates": dates.plausible_dates,
    "BR-29": dates.period,
    "BR-30": dates.line_periods,
    "BR-CO-26": parties.seller_identifier,
    "buyer_is_not_seller": parties.buyer_is_not_seller,
    "tax_id_check_digits": parties.tax_ids,
    "iban_check_digits": payment.ibans,
    "bic_format": payment.bics,
    "gtin_check_digit": identifiers.gtins,
    "currency_evidenced": currency.evidenced,
    "currency_decimals": currency.decimals,
}


def validate(
    invoice: ExtractedInvoice,
    *,
    today: date | None = None,
    threshold: float,
    pages: Sequence[Page] | None = None,
) -> ExtractedInvoice:
    """Return the invoice with its checks, the confidence of each value and whether to look at it.

    Checks that it brings along are kept, before those made here. `threshold` is the confidence under
    which a field that matters needs a person; `today` is the day of the check, None for now. `pages` are
    those that the local engine read, None where another engine did.
    """
    context = Context(today) if today else Context()
    checked = invoice.model_copy(update={"checks": [*invoice.checks, *check(invoice, context)]})
    evidence = grade(checked, pages)
    reasons = review_reasons(checked, evidence, threshold)
    return checked.model_copy(
        update={
            "evidence": evidence,
            "needs_review": bool(reasons),
            "review_reasons": reasons,
        }
    )


def check(invoice: ExtractedInvoice, context: Context) -> list[Check]:
    """Return the checks of all rules, in the order of RULES."""
    return [made for rule in RULES.values() for made in rule(invoice, context)]
