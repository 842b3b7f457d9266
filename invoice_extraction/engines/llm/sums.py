"""What the arithmetic of an answer says about its amounts. It never changes one."""

import re
from decimal import Decimal

from invoice_extraction.engines.llm.wire import WireInvoice

_NUMBER = re.compile(r"\d[\d.,'’\s\u00a0\u202f]*")


def lines_include_tax(invoice: WireInvoice) -> bool:
    """Return True where the lines add up to the total with tax and not to the one without."""
    net = _net(invoice)
    return net is not None and not _lines_make(invoice, net) and lines_make_total(invoice)


def lines_make_total(invoice: WireInvoice) -> bool:
    """Return True where the lines, less discount and with shipping, add up to the total."""
    total = _amount(invoice.total)
    return total is not None and _lines_make(invoice, total)


def tells_no_tax(invoice: WireInvoice) -> bool:
    """Return True where neither tax nor a sum without it is printed: the lines may be either."""
    return _amount(invoice.subtotal) is None and _tax(invoice) is None


def subtotal_is_before_discount(invoice: WireInvoice) -> bool:
    """Return True where the sums fit only if discount and shipping come after the subtotal."""
    subtotal, total, tax = _amount(invoice.subtotal), _amount(invoice.total), _tax(invoice)
    change = _on(invoice) - _off(invoice)
    if subtotal is None or total is None or not change:
        return False
    tolerance = Decimal("0.01")
    tax = tax or Decimal()
    if abs(subtotal + tax - total) <= tolerance:
        return False
    return abs(subtotal + change + tax - total) <= tolerance


def _lines_make(invoice: WireInvoice, wanted: Decimal) -> bool:
    lines = [_amount(line.amount) for line in invoice.lines]
    if not lines or None in lines:
        return False
    amounts = [line for line in lines if line is not None]
    tolerance = max(Decimal("0.01"), Decimal("0.005") * len(amounts))
    sums = {sum(amounts), sum(amounts) - _off(invoice) + _on(invoice)}
    return any(abs(found - wanted) <= tolerance for found in sums)


def _net(invoice: WireInvoice) -> Decimal | None:
    subtotal, total, tax = _amount(invoice.subtotal), _amount(invoice.total), _tax(invoice)
    if total is not None and tax is not None:
        return total - tax
    return subtotal


def _tax(invoice: WireInvoice) -> Decimal | None:
    tax = _amount(invoice.tax_total)
    if tax is not None or not invoice.taxes:
        return tax
    rows = [_amount(row.amount) for row in invoice.taxes]
    return None if None in rows else sum((row for row in rows if row is not None), Decimal())


def _off(invoice: WireInvoice) -> Decimal:
    return abs(_amount(invoice.discount) or Decimal())


def _on(invoice: WireInvoice) -> Decimal:
    return abs(_amount(invoice.shipping) or Decimal())


def _amount(text: str | None) -> Decimal | None:
    """Return a number to compare sums with, None for no number; not good enough for a result.

    A last separator with three digits behind it counts as a thousands' mark. Where that is wrong it
    is wrong for all amounts of the invoice alike, and a sum still fits or does not.
    """
    found = _NUMBER.search(text or "")
    if text is None or found is None:
        return None
    plain = re.sub(r"[^\d.,]", "", found[0]).strip(".,")
    whole, mark, digits = plain.rpartition("." if plain.rfind(".") > plain.rfind(",") else ",")
    if not mark or len(digits) == 3:
        whole, digits = plain, ""
    value = Decimal(re.sub(r"\D", "", whole) + "." + (digits or "0"))
    negative = text[: found.start()].rstrip().endswith(("-", "−", "(")) or text.rstrip().endswith(
        ("-", "−")
    )
    return -value if negative else value
