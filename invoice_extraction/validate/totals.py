"""The sums of an invoice (EN 16931-1, BR-CO-10 to BR-CO-17) and of its lines."""

from collections.abc import Sequence
from decimal import Decimal

from invoice_extraction.model.extraction import Check, ExtractedInvoice
from invoice_extraction.model.invoice import AllowanceCharge, Invoice, Line, decimal_text
from invoice_extraction.validate.base import (
    CENT,
    Context,
    Finding,
    checks_of,
    compared,
    is_einvoice,
    minor_unit,
    money,
    not_applicable,
    sum_tolerance,
)

_LINES_OF_MORE = frozenset(["KOR", "KOR_ZAL", "KOR_ROZ", "KOR_VAT_RR", "ZAL", "ROZ"])
"""Polish invoices (RodzajFaktury in KSeF) whose lines need not lead to their totals: a correction has lines
as they were beside those as they are, an advance and its settlement have those of the whole order."""

_OUTLINE = frozenset(["net", "tax", "tax_in_tax_currency", "gross", "amount_due"])
_ZERO = Decimal(0)
_HUNDRED = Decimal(100)


def lines_net(invoice: ExtractedInvoice, context: Context) -> list[Check]:
    """Check that the lines' net amounts add up to the total of the lines (BT-106)."""
    rule, result = "BR-CO-10", invoice.result
    amounts = _known([line.net_amount for line in result.lines])
    found = result.totals.lines_net
    if not amounts or found is None:
        return not_applicable(
            rule, "Not every line has a net amount, or there is no total of them."
        )
    return compared(
        rule,
        [*_fields("lines", len(amounts), "net_amount"), "/totals/lines_net"],
        expected=sum(amounts, _ZERO),
        found=found,
        tolerance=sum_tolerance(invoice),
        what="The lines add up to",
    )


def lines_add_up(invoice: ExtractedInvoice, context: Context) -> list[Check]:
    """Check that the lines lead to the document's total, where no total of the lines stands between.

    With tax in the prices the lines' gross amounts lead to the gross total, else their net amounts to
    the net total. Where nothing tells, lines that have only gross amounts, as a receipt's, tell.
    """
    rule, result, totals = "lines_add_up", invoice.result, invoice.result.totals
    gross = result.prices_include_tax is True or (
        result.prices_include_tax is None and all(line.net_amount is None for line in result.lines)
    )
    name, pointer = ("gross_amount", "/totals/gross") if gross else ("net_amount", "/totals/net")
    amounts = _known([line.gross_amount if gross else line.net_amount for line in result.lines])
    found = totals.gross if gross else totals.net
    if not amounts or found is None or (totals.lines_net is not None and not gross):
        return not_applicable(rule, "The lines' amounts or the total they lead to are not known.")
    less, more = _allowances(result), _charges(result)
    checks = compared(
        rule,
        [*_fields("lines", len(amounts), name), pointer],
        expected=sum(amounts, _ZERO) - less + more,
        found=found,
        tolerance=sum_tolerance(invoice),
        what="The lines, less allowances and with charges, come to",
        optional=_some(totals.tip, totals.rounding) if gross else (),
    )
    if checks[0].status == "fail" and result.source_type_code in _LINES_OF_MORE:
        return not_applicable(rule, "The lines are not, or not only, what is billed here.")
    return checks


def allowances(invoice: ExtractedInvoice, context: Context) -> list[Check]:
    """Check that the allowances add up to their total (BT-107)."""
    result = invoice.result
    return _listed("BR-CO-11", invoice, result.allowances, result.totals.allowances, "allowances")


def charges(invoice: ExtractedInvoice, context: Context) -> list[Check]:
    """Check that the charges add up to their total (BT-108)."""
    result = invoice.result
    return _listed("BR-CO-12", invoice, result.charges, result.totals.charges, "charges")


def net(invoice: ExtractedInvoice, context: Context) -> list[Check]:
    """Check that the net total is the lines' total less allowances and with charges (BT-109)."""
    rule, totals = "BR-CO-13", invoice.result.totals
    if totals.net is None or totals.lines_net is None:
        return not_applicable(rule, "The net total or the total of the lines is not known.")
    fields = ["/totals/lines_net", *_set(invoice, "allowances", "charges"), "/totals/net"]
    return compared(
        rule,
        fields,
        expected=totals.lines_net - _allowances(invoice.result) + _charges(invoice.result),
        found=totals.net,
        tolerance=sum_tolerance(invoice),
        what="The lines' total, less allowances and with charges, is",
    )


def tax(invoice: ExtractedInvoice, context: Context) -> list[Check]:
    """Check that the bands of tax, with their surcharges, add up to the tax total (BT-110)."""
    rule, result = "BR-CO-14", invoice.result
    amounts = _known([band.tax_amount for band in result.taxes])
    found = result.totals.tax
    if not amounts or found is None:
        return not_applicable(
            rule, "Not every band of tax has an amount, or there is no tax total."
        )
    return compared(
        rule,
        [*_fields("taxes", len(amounts), "tax_amount"), "/totals/tax"],
        expected=sum([*amounts, *_some(*(band.surcharge_amount for band in result.taxes))], _ZERO),
        found=found,
        tolerance=sum_tolerance(invoice),
        what="The taxes add up to",
    )


def gross(invoice: ExtractedInvoice, context: Context) -> list[Check]:
    """Check that net and tax make the gross total (BT-112).

    An e-invoice without a total of tax says that there is none, save one whose profile (MINIMUM) need not
    tell it. The total may be less what the buyer withholds; a printed one may hold tip and rounding.
    """
    rule, totals = "BR-CO-15", invoice.result.totals
    strict = is_einvoice(invoice)
    taxed = _ZERO if strict and totals.tax is None else totals.tax
    if totals.net is None or taxed is None or totals.gross is None:
        return not_applicable(rule, "Net, tax and gross total are not all known.")
    printed = [] if strict else _some(totals.tip, totals.rounding)
    checks = compared(
        rule,
        _set(invoice, "net", "tax", "gross"),
        expected=totals.net + taxed,
        found=totals.gross,
        tolerance=sum_tolerance(invoice),
        what="Net and tax make" if totals.tax is not None else "Net without any tax makes",
        optional=[*printed, *(-w for w in _some(totals.withheld))],
    )
    if checks[0].status == "fail" and totals.tax is None and _is_outline(invoice):
        return not_applicable(rule, "The e-invoice's profile need not tell the tax.")
    return checks


def amount_due(invoice: ExtractedInvoice, context: Context) -> list[Check]:
    """Check that the amount due is the gross total less what is paid, and rounding (BT-115)."""
    rule, totals = "BR-CO-16", invoice.result.totals
    if totals.gross is None or totals.amount_due is None:
        return not_applicable(rule, "The gross total or the amount due is not known.")
    rounding = totals.rounding or _ZERO
    optional = [*_some(totals.previous_balance), *(-w for w in _some(totals.withheld))]
    if not is_einvoice(invoice):
        # Printed totals are often rounded already, and tips may be in the total or not.
        optional += [-rounding, *_some(totals.tip)] if rounding else _some(totals.tip)
    named = ("paid", "rounding", "previous_balance", "withheld")
    checks = compared(
        rule,
        ["/totals/gross", *_set(invoice, *named), "/totals/amount_due"],
        expected=totals.gross - (totals.paid or _ZERO) + rounding,
        found=totals.amount_due,
        tolerance=sum_tolerance(invoice),
        what="The gross total less what is paid leaves",
        optional=optional,
    )
    if checks[0].status == "fail" and _is_outline(invoice):
        return not_applicable(rule, "The e-invoice's profile does not tell what is paid.")
    return checks


def tax_bands(invoice: ExtractedInvoice, context: Context) -> list[Check]:
    """Check that each band's taxable amount times its rate is its tax (BT-117).

    A receipt prints beside a rate what was paid at it, tax included.
    """
    tolerance = sum_tolerance(invoice)
    with_tax = not is_einvoice(invoice) and invoice.result.prices_include_tax is not False
    findings = []
    for n, band in enumerate(invoice.result.taxes):
        if band.rate is None or band.taxable_amount is None or band.tax_amount is None:
            continue
        expected = band.taxable_amount * band.rate / _HUNDRED
        told = money(expected, band.tax_amount)
        base, rate = decimal_text(band.taxable_amount), decimal_text(band.rate)
        says = decimal_text(band.tax_amount)
        within = expected / (1 + band.rate / _HUNDRED) if with_tax and band.rate > 0 else expected
        if min(abs(expected - band.tax_amount), abs(within - band.tax_amount)) <= tolerance:
            fields = ["taxable_amount", "rate", "tax_amount"]
            findings += [Finding(f"/taxes/{n}/{field}", True, "") for field in fields]
            continue
        findings.append(
            Finding(
                pointer=f"/taxes/{n}/tax_amount",
                right=False,
                message=f"{rate} % of {base} is {told}, the invoice says {says}.",
                found=says,
                expected=told,
            )
        )
    return checks_of(
        "BR-CO-17",
        findings,
        passed="Each tax is its rate times its taxable amount.",
        nothing="No band of tax has taxable amount, rate and tax.",
        tolerance=tolerance,
    )


def line_amounts(invoice: ExtractedInvoice, context: Context) -> list[Check]:
    """Check that quantity times unit price less discount is the line's amount (BT-131).

    In print, prices without tax stand beside amounts with it, and the other way round. A product that
    is off by no more than its price may be rounded is neither right nor wrong: an e-invoice's may be too.
    """
    tolerance = max(minor_unit(invoice.result.currency), CENT)
    printed = not is_einvoice(invoice)
    findings = []
    for n, line in enumerate(invoice.result.lines):
        name, found = _line_amount(line, invoice.result.prices_include_tax)
        expected = _line_product(line)
        if expected is None or found is None:
            continue
        fits = name if abs(expected - found) <= tolerance else None
        if fits is None and printed:
            fits = _fitting(line, expected, tolerance)
        if fits is not None:
            fields = [fits, "quantity", "unit_price"]
            findings += [Finding(f"/lines/{n}/{field}", True, "") for field in fields]
            continue
        if abs(expected - found) <= tolerance + _rounded_away(line, tolerance):
            findings.append(Finding(f"/lines/{n}/{name}", None, ""))
            continue
        told, says = money(expected, found), decimal_text(found)
        findings.append(
            Finding(
                pointer=f"/lines/{n}/{name}",
                right=False,
                message=f"Line {n + 1}: quantity times price less discount is {told}, "
                f"the invoice says {says}.",
                found=says,
                expected=told,
            )
        )
    return checks_of(
        "line_amount",
        findings,
        passed="Each line's amount is its quantity times its price, less its discount.",
        nothing="No line has quantity, unit price and amount, or only with rounded prices.",
        tolerance=tolerance,
    )


def _line_amount(line: Line, prices_include_tax: bool | None) -> tuple[str, Decimal | None]:
    """Return the amount that the line's price leads to, and its name."""
    if prices_include_tax and line.gross_amount is not None:
        return "gross_amount", line.gross_amount
    if line.net_amount is not None:
        return "net_amount", line.net_amount
    return "gross_amount", line.gross_amount


def _fitting(line: Line, product: Decimal, tolerance: Decimal) -> str | None:
    """Return the name of the amount that a product leads to with tax or without, None if to none."""
    with_tax = 1 + (line.tax_rate or _ZERO) / _HUNDRED
    leads_to = {
        "net_amount": (product, product / with_tax if with_tax > 0 else product),
        "gross_amount": (product, product * with_tax),
    }
    for name, products in leads_to.items():
        found: Decimal | None = getattr(line, name)
        if found is not None and min(abs(one - found) for one in products) <= tolerance:
            return name
    return None


def _rounded_away(line: Line, minor_unit: Decimal) -> Decimal:
    """Return how much of a line's amount the rounding of its price may hide.

    Half a unit of the price's last digit for each piece; a price of whole units is not rounded to them.
    """
    if line.quantity is None or line.unit_price is None:
        return _ZERO
    _, _, exponent = line.unit_price.as_tuple()
    last = min(Decimal(1).scaleb(int(exponent)), minor_unit)
    return abs(line.quantity / (line.price_base_quantity or 1)) * last / 2


def _line_product(line: Line) -> Decimal | None:
    if line.quantity is None or line.unit_price is None:
        return None
    product = line.quantity * line.unit_price / (line.price_base_quantity or 1)
    if line.discount_amount is not None:
        return product - line.discount_amount
    if line.discount_percent is not None:
        return product * (_HUNDRED - line.discount_percent) / _HUNDRED
    return product


def _is_outline(invoice: ExtractedInvoice) -> bool:
    """Return whether an e-invoice has no lines and the totals of Factur-X MINIMUM: no BT-113."""
    told = {name for name, total in invoice.result.totals if total is not None}
    return (
        told <= _OUTLINE
        and is_einvoice(invoice)
        and not any(
            evidence.origin == "xml" and pointer.startswith("/lines/")
            for pointer, evidence in invoice.evidence.items()
        )
    )


def _listed(
    rule: str,
    invoice: ExtractedInvoice,
    listed: Sequence[AllowanceCharge],
    found: Decimal | None,
    name: str,
) -> list[Check]:
    """Return the check of a list's total; an e-invoice without the list says that there are none."""
    amounts = _known([one.amount for one in listed])
    none_at_all = not listed and is_einvoice(invoice)
    if (not amounts and not none_at_all) or found is None:
        return not_applicable(rule, f"There are no {name} with amounts, or no total of them.")
    return compared(
        rule,
        [*_fields(name, len(listed), "amount"), f"/totals/{name}"],
        expected=sum(amounts or (), _ZERO),
        found=found,
        tolerance=sum_tolerance(invoice),
        what=f"The {name} add up to",
    )


def _allowances(result: Invoice) -> Decimal:
    return _total_of(result.totals.allowances, result.allowances)


def _charges(result: Invoice) -> Decimal:
    return _total_of(result.totals.charges, result.charges)


def _total_of(total: Decimal | None, listed: Sequence[AllowanceCharge]) -> Decimal:
    """Return the total, else the sum of what is listed."""
    return total if total is not None else sum((one.amount or _ZERO for one in listed), _ZERO)


def _known(amounts: Sequence[Decimal | None]) -> list[Decimal]:
    """Return the amounts when none of them is missing, else nothing."""
    known = [amount for amount in amounts if amount is not None]
    return known if len(known) == len(amounts) else []


def _some(*amounts: Decimal | None) -> list[Decimal]:
    return [amount for amount in amounts if amount]


def _fields(listed: str, count: int, name: str) -> list[str]:
    return [f"/{listed}/{n}/{name}" for n in range(count)]


def _set(invoice: ExtractedInvoice, *names: str) -> list[str]:
    totals = invoice.result.totals
    return [f"/totals/{name}" for name in names if getattr(totals, name) is not None]
