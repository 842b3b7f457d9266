"""The answers to the page groups of one document → one answer."""

import re
from collections.abc import Sequence
from typing import Any

from invoice_extraction.engines.llm.wire import WireAnswer, WireInvoice, WireSource

FIRST = (
    *(("invoice_number",), ("issue_date_text", "issue_date"), ("due_date_text", "due_date")),
    *(("purchase_order",), ("buyer_reference",), ("corrected_invoice",), ("currency",)),
    *(("payment_terms",), ("payment_reference",), ("bic",), ("notes",)),
)
"""What stands at an invoice's head, what is one value together; the first page that has it is right."""
LAST = (
    *("subtotal", "discount", "shipping", "tax_total", "total", "amount_paid", "amount_due"),
    "taxes",
)
"""What stands at an invoice's end; before it there are carried-forward sums at the most."""

_AFTER = re.compile(r"[.\[]")


def merged(answers: Sequence[WireAnswer]) -> WireAnswer:
    """Return one answer for all pages: lines in their order, several invoices kept apart.

    An invoice goes on in the next group where that begins with the same number, or with none; those of
    one answer are never one.
    """
    invoices: list[WireInvoice] = []
    for answer in answers:
        known = len(invoices)
        taken: set[int] = set()
        for place, invoice in enumerate(answer.invoices):
            before = _before(invoices[:known], invoice, taken, begins=place == 0)
            if before is None:
                invoices.append(invoice)
            else:
                taken.add(before)
                invoices[before] = _joined(invoices[before], invoice)
    telling = next((answer for answer in answers if answer.invoices), answers[0])
    return WireAnswer(
        document_type=telling.document_type,
        language=next((answer.language for answer in answers if answer.language), None),
        invoices=invoices,
        unreadable=[text for answer in answers for text in answer.unreadable],
        warnings=[text for answer in answers for text in answer.warnings],
    )


def _before(
    invoices: list[WireInvoice], invoice: WireInvoice, taken: set[int], *, begins: bool
) -> int | None:
    """Return the place of the invoice that `invoice` is a part of; None where it is a new one.

    `begins` is True for the first of a group; `taken` are the places that have a part in it already.
    """
    number = _number(invoice)
    if number:
        for place, known in enumerate(invoices):
            if _number(known) == number and place not in taken and not _differ(known, invoice):
                return place
    if not invoices or not begins:
        return None
    last = invoices[-1]
    if number and _number(last):
        return None
    # Receipts have no number; where both show a total they are two.
    totals = {_plain(one.total) for one in (last, invoice)} - {""}
    other = _differ(last, invoice) or (not number and not _number(last) and len(totals) > 1)
    return None if other else len(invoices) - 1


def _differ(one: WireInvoice, other: WireInvoice) -> bool:
    """Return whether two sellers are told: neither name stands in the other, or two tax numbers."""
    names = sorted((_plain(one.seller.name), _plain(other.seller.name)), key=len)
    taxes = {_plain(one.seller.tax_id), _plain(other.seller.tax_id)} - {""}
    if len(taxes) == 1 and one.seller.tax_id and other.seller.tax_id:
        return False
    return names[0] not in names[1] or len(taxes) > 1


def _number(invoice: WireInvoice) -> str:
    return _plain(invoice.invoice_number)


def _plain(text: str | None) -> str:
    return "".join((text or "").split()).casefold()


def _joined(first: WireInvoice, second: WireInvoice) -> WireInvoice:
    """Return both parts as one; each value's sources are those of the part that it is taken from."""
    update: dict[str, Any] = {
        "pages": sorted({*first.pages, *second.pages}),
        "lines": [*first.lines, *second.lines],
        "custom": _filled(first.custom, second.custom),
    }
    later = {"custom"}
    for names in FIRST:
        taken = first if any(getattr(first, name) for name in names) else second
        update |= {name: getattr(taken, name) for name in names}
        if taken is second:
            later |= {*names}
    for name in LAST:
        update[name] = getattr(second, name) or getattr(first, name)
        if getattr(second, name):
            later.add(name)
    for role in ("seller", "buyer"):
        told, more = getattr(first, role), getattr(second, role)
        known = {
            name: getattr(told, name) or getattr(more, name) for name in type(told).model_fields
        }
        update[role] = told.model_copy(update=known)
        later |= {f"{role}.{name}" for name in known if not getattr(told, name)}
    update["sources"] = [
        *(source for source in second.sources if _field(source) in later),
        *(source for source in first.sources if _field(source) not in later - {"custom"}),
    ]
    return first.model_copy(update=update)


def _field(source: WireSource) -> str:
    """Return the name that a source's field begins with, a party's with what follows."""
    path = source.field.strip()
    return path if path.startswith(("seller.", "buyer.")) else _AFTER.split(path, maxsplit=1)[0]


def _filled(first: Any, second: Any) -> Any:
    """Return own values of both parts: the first that is told, lists one after the other."""
    if isinstance(first, dict) and isinstance(second, dict):
        names = dict.fromkeys([*first, *second])
        return {name: _filled(first.get(name), second.get(name)) for name in names}
    if isinstance(first, list) and isinstance(second, list):
        return first + second
    return second if first is None else first
