"""The answers to the page groups of one document → one answer."""

from collections.abc import Sequence
from typing import Any

from invoice_extraction.engines.llm.wire import WireAnswer, WireInvoice

FIRST = (
    *("invoice_number", "issue_date_text", "issue_date", "due_date_text", "due_date"),
    *("purchase_order", "buyer_reference", "corrected_invoice", "currency", "payment_terms"),
    *("payment_reference", "bic", "notes"),
)
"""What stands at an invoice's head; the first page that has it is right."""
LAST = (
    *("subtotal", "discount", "shipping", "tax_total", "total", "amount_paid", "amount_due"),
    "taxes",
)
"""What stands at an invoice's end; before it there are carried-forward sums at the most."""


def merged(answers: Sequence[WireAnswer]) -> WireAnswer:
    """Return one answer for all pages: lines in their order, several invoices kept apart.

    An invoice goes on in the next group where that begins with the same number, or with none.
    """
    invoices: list[WireInvoice] = []
    for answer in answers:
        for place, invoice in enumerate(answer.invoices):
            before = _before(invoices, invoice, begins=place == 0)
            if before is None:
                invoices.append(invoice)
            else:
                invoices[before] = _joined(invoices[before], invoice)
    telling = next((answer for answer in answers if answer.invoices), answers[0])
    return WireAnswer(
        document_type=telling.document_type,
        language=next((answer.language for answer in answers if answer.language), None),
        invoices=invoices,
        unreadable=[text for answer in answers for text in answer.unreadable],
        warnings=[text for answer in answers for text in answer.warnings],
    )


def _before(invoices: list[WireInvoice], invoice: WireInvoice, *, begins: bool) -> int | None:
    """Return the place of the invoice that `invoice` is a part of; None where it is a new one.

    `begins` is True for the first of a group.
    """
    number = _number(invoice)
    if number:
        for place, known in enumerate(invoices):
            if _number(known) == number:
                return place
    if not invoices or not begins:
        return None
    last = invoices[-1]
    if number and _number(last):
        return None
    sellers = {_plain(one.seller.name) for one in (last, invoice)} - {""}
    # Receipts have no number; where both show a total they are two.
    totals = {_plain(one.total) for one in (last, invoice)} - {""}
    other = len(sellers) > 1 or (not number and not _number(last) and len(totals) > 1)
    return None if other else len(invoices) - 1


def _number(invoice: WireInvoice) -> str:
    return _plain(invoice.invoice_number)


def _plain(text: str | None) -> str:
    return "".join((text or "").split()).casefold()


def _joined(first: WireInvoice, second: WireInvoice) -> WireInvoice:
    update: dict[str, Any] = {
        "pages": sorted({*first.pages, *second.pages}),
        "lines": [*first.lines, *second.lines],
        "sources": [*second.sources, *first.sources],
        "custom": _filled(first.custom, second.custom),
    }
    for name in FIRST:
        update[name] = getattr(first, name) or getattr(second, name)
    for name in LAST:
        update[name] = getattr(second, name) or getattr(first, name)
    for role in ("seller", "buyer"):
        told, more = getattr(first, role), getattr(second, role)
        names = type(told).model_fields
        known = {name: getattr(told, name) or getattr(more, name) for name in names}
        update[role] = told.model_copy(update=known)
    return first.model_copy(update=update)


def _filled(first: Any, second: Any) -> Any:
    """Return own values of both parts: the first that is told, lists one after the other."""
    if isinstance(first, dict) and isinstance(second, dict):
        names = dict.fromkeys([*first, *second])
        return {name: _filled(first.get(name), second.get(name)) for name in names}
    if isinstance(first, list) and isinstance(second, list):
        return first + second
    return second if first is None else first
