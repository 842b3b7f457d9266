"""Signs: a credit note's amounts are a claim and positive, and so is what an allowance takes away."""

import re
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from invoice_extraction.model.extraction import Check
from invoice_extraction.model.invoice import Invoice, Model
from invoice_extraction.normalise import fields

_DISCOUNT = re.compile(
    r"/allowances/\d+/(?:amount|percent)|/totals/allowances|/lines/\d+/discount_(?:amount|percent)"
)

_SUMS = ("/totals/lines_net", "/totals/net", "/totals/tax", "/totals/gross", "/totals/amount_due")


def positive_claim(
    invoice: Invoice, pointers: Collection[str], *, keep_mixed: bool
) -> tuple[Invoice, list[Check]]:
    """Return a credit note with minus signs turned positive, and a check that says so.

    `pointers` are those of the invoice's values. Every amount is negated, so that a charge among
    credits keeps its own direction; a line's quantity takes the sign where it carries it, else its
    price does. With `keep_mixed`, for an e-invoice, totals of both signs stay as they are written, and
    a failed check says so. Any other invoice is returned as it is.
    """
    told = _total(invoice)
    if invoice.document_type != "credit_note" or told is None or told >= 0:
        return invoice, []
    positive = [p for p in _SUMS if (_value(invoice, p) or 0) > 0]
    if keep_mixed and positive:
        return invoice, [
            Check(
                id="sign_unusual",
                status="fail",
                fields=positive,
                found=str(told),
                message="The credit note's totals have both signs; they are given as written.",
            )
        ]
    changed: list[str] = []
    flipped = invoice.model_copy(deep=True)
    for pointer in pointers:
        if fields.kind(pointer) != "money" or pointer.endswith("/unit_price"):
            continue
        changed += _negate(flipped, pointer)
    for n, line in enumerate(flipped.lines):
        if line.quantity is not None and line.quantity < 0:
            changed += _negate(flipped, f"/lines/{n}/quantity")
        elif line.unit_price is not None and line.unit_price < 0:
            changed += _negate(flipped, f"/lines/{n}/unit_price")
    return flipped, [
        Check(
            id="sign_normalised",
            status="pass",
            fields=changed,
            found=str(told),
            message="The credit note has minus signs; its amounts are given positive.",
        )
    ]


def positive_allowances(invoice: Invoice, pointers: Collection[str]) -> Invoice:
    """Return the invoice with its discounts positive (EN 16931: BG-20, BT-107, BT-136).

    Print shows a discount with a minus, "-5.00", and means that 5.00 is taken away. What is taken
    from a negative amount stays as it is printed: there the sign can mean either.
    """
    printed = [p for p in pointers if _DISCOUNT.fullmatch(p) and _is_less(invoice, p)]
    if not printed:
        return invoice
    positive = invoice.model_copy(deep=True)
    for pointer in printed:
        _negate(positive, pointer)
    return positive


def signed_like(invoice: Invoice, stated: Invoice, pointers: Collection[str]) -> Invoice:
    """Return the invoice with the sign that another reading of it gives its total.

    An e-invoice of type 380 may be a credit by its minus signs, which stay as they are written; its page
    is read as a credit note with positive amounts. `pointers` are as for `positive_claim`.
    """
    told, other = _total(stated), _total(invoice)
    if told is None or other is None or told * other >= 0:
        return invoice
    signed = invoice.model_copy(deep=True)
    for pointer in pointers:
        if fields.kind(pointer) == "money" and not pointer.endswith("/unit_price"):
            _negate(signed, pointer)
    for n, line in enumerate(signed.lines):
        _negate(signed, f"/lines/{n}/{'unit_price' if line.quantity is None else 'quantity'}")
    return signed


def _total(invoice: Invoice) -> Decimal | None:
    totals = invoice.totals
    return totals.gross if totals.gross is not None else totals.amount_due


def _is_less(invoice: Invoice, pointer: str) -> bool:
    """True where a discount stands as a negative number beside a positive amount."""
    value = _value(invoice, pointer)
    if not isinstance(value, Decimal) or value >= 0:
        return False
    if pointer.startswith("/lines/"):
        line = invoice.lines[int(pointer.split("/")[2])]
        known = (line.net_amount, line.gross_amount)
    else:
        known = (invoice.totals.net, invoice.totals.gross)
    return next((amount >= 0 for amount in known if amount is not None), True)


def _negate(invoice: Invoice, pointer: str) -> list[str]:
    """Change the sign of the number at a pointer; return the pointer, [] where nothing is there."""
    parent, _, name = pointer.rpartition("/")
    node = _value(invoice, parent)
    value = getattr(node, name) if isinstance(node, Model) else None
    if not isinstance(value, Decimal):
        return []
    # copy_negate keeps the printed digits, and zero has no sign.
    setattr(node, name, value.copy_negate() if value else value)
    return [pointer]


def _value(invoice: Invoice, pointer: str) -> Any:
    node: Any = invoice
    for part in pointer.split("/")[1:]:
        node = node[int(part)] if isinstance(node, list) else getattr(node, part)
    return node
