"""The currency: told by the document, and with amounts that it can express."""

from decimal import Decimal

from invoice_extraction.model.currency import decimals_of
from invoice_extraction.model.extraction import Check, ExtractedInvoice
from invoice_extraction.model.invoice import Invoice, decimal_text
from invoice_extraction.validate.base import (
    Context,
    Finding,
    checks_of,
    not_applicable,
)

_LINE_AMOUNTS = ("tax_amount", "net_amount", "gross_amount")
_TAX_AMOUNTS = ("taxable_amount", "tax_amount")


def evidenced(invoice: ExtractedInvoice, context: Context) -> list[Check]:
    """Check that the document tells the currency of its amounts."""
    rule, result = "currency_evidenced", invoice.result
    if not _amounts(result):
        return not_applicable(rule, "There are no amounts.")
    known = result.currency is not None
    return [
        Check(
            id=rule,
            status="pass" if known else "fail",
            fields=["/currency"],
            found=result.currency,
            message="The document tells its currency."
            if known
            else "Nothing in the document tells for certain which currency its amounts are in.",
        )
    ]


def decimals(invoice: ExtractedInvoice, context: Context) -> list[Check]:
    """Check that no amount has more decimals than its currency (ISO 4217); zeros do not count."""
    rule, currency = "currency_decimals", invoice.result.currency
    if currency is None:
        return not_applicable(rule, "The currency is not known.")
    allowed = decimals_of(currency)
    findings = [
        Finding(
            pointer,
            _decimals(amount) <= allowed,
            f"{decimal_text(amount)} has more decimals than {currency}.",
            decimal_text(amount),
        )
        for pointer, amount in _amounts(invoice.result).items()
    ]
    return checks_of(
        rule,
        findings,
        passed=f"No amount has more decimals than {currency}.",
        nothing="There are no amounts.",
    )


def _decimals(amount: Decimal) -> int:
    """Return how many decimals an amount needs."""
    return len(decimal_text(amount).partition(".")[2].rstrip("0"))


def _amounts(result: Invoice) -> dict[str, Decimal]:
    """Return the amounts of money by pointer; prices are none, they may have any decimals."""
    found: dict[str, Decimal | None] = {}
    for name in type(result.totals).model_fields:
        if name != "tax_in_tax_currency":
            found[f"/totals/{name}"] = getattr(result.totals, name)
    for n, line in enumerate(result.lines):
        found |= {f"/lines/{n}/{name}": getattr(line, name) for name in _LINE_AMOUNTS}
    for n, tax in enumerate(result.taxes):
        found |= {f"/taxes/{n}/{name}": getattr(tax, name) for name in _TAX_AMOUNTS}
    return {pointer: amount for pointer, amount in found.items() if amount is not None}
