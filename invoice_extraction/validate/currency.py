"""The currency: told by the document, and with amounts that it can express."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from invoice_extraction.model.currency import decimals_of
from invoice_extraction.model.extraction import Check, ExtractedInvoice
from invoice_extraction.model.invoice import Invoice, Model, Totals, decimal_text
from invoice_extraction.validate.base import (
    Context,
    Finding,
    checks_of,
    not_applicable,
)

_TOTALS = [name for name in Totals.model_fields if name != "tax_in_tax_currency"]
_LINE_AMOUNTS = ("tax_amount", "net_amount", "gross_amount")
_TAX_AMOUNTS = ("taxable_amount", "tax_amount", "surcharge_amount")


def evidenced(invoice: ExtractedInvoice, context: Context) -> list[Check]:
    """Check that the document tells the currency of its amounts."""
    rule, result = "currency_evidenced", invoice.result
    if next(_amounts(result), None) is None:
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
    findings = []
    for pointer, amount in _amounts(invoice.result):
        _, _, exponent = amount.as_tuple()
        if -int(exponent) <= allowed or _decimals(amount) <= allowed:
            findings.append(Finding(pointer, True, ""))
        else:
            told = decimal_text(amount)
            said = f"{told} has more decimals than {currency}."
            findings.append(Finding(pointer, False, said, told))
    return checks_of(
        rule,
        findings,
        passed=f"No amount has more decimals than {currency}.",
        nothing="There are no amounts.",
    )


def _decimals(amount: Decimal) -> int:
    """Return how many decimals an amount has before the zeros at its end."""
    return len(decimal_text(amount).partition(".")[2].rstrip("0"))


def _amounts(result: Invoice) -> Iterator[tuple[str, Decimal]]:
    """Yield the amounts of money with their pointers; prices are none, they may have any decimals."""
    yield from _known("/totals", result.totals, _TOTALS)
    for n, line in enumerate(result.lines):
        yield from _known(f"/lines/{n}", line, _LINE_AMOUNTS)
    for n, tax in enumerate(result.taxes):
        yield from _known(f"/taxes/{n}", tax, _TAX_AMOUNTS)


def _known(pointer: str, model: Model, names: Iterable[str]) -> Iterator[tuple[str, Decimal]]:
    for name in names:
        amount: Decimal | None = getattr(model, name)
        if amount is not None:
            yield f"{pointer}/{name}", amount
