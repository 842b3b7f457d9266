"""The sign of a credit note: amounts are a claim and positive; the type says which way they go."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from invoice_extraction.model.extraction import Check
from invoice_extraction.model.invoice import Invoice, Model
from invoice_extraction.normalise import fields


def positive_claim(invoice: Invoice, pointers: Collection[str]) -> tuple[Invoice, list[Check]]:
    """Return a credit note printed with minus signs turned positive, and a check that says so.

    `pointers` are those of the invoice's values. Every amount is negated, so that a charge among
    credits keeps its own direction; a line's quantity takes the sign where it carries it, else its
    price does. Any other invoice is returned as it is.
    """
    totals = invoice.totals
    told = totals.gross if totals.gross is not None else totals.amount_due
    if invoice.document_type != "credit_note" or told is None or told >= 0:
        return invoice, []
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
            message="The credit note is printed with minus signs; its amounts are given positive.",
        )
    ]


def _negate(invoice: Invoice, pointer: str) -> list[str]:
    """Change the sign of the number at a pointer; return the pointer, [] where nothing is there."""
    node: Any = invoice
    *path, name = pointer.split("/")[1:]
    for part in path:
        node = node[int(part)] if isinstance(node, list) else getattr(node, part)
    value = getattr(node, name) if isinstance(node, Model) else None
    if not isinstance(value, Decimal):
        return []
    # copy_negate keeps the printed digits, and zero has no sign.
    setattr(node, name, value.copy_negate() if value else value)
    return [pointer]
