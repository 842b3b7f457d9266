"""What a sample really says: of the facts, those that its page shows or its XML states."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from invoice_extraction.model.invoice import Invoice
from samples.sheet import Place
from samples.wear import Wear

SAID_BY_ALL = frozenset({"/schema_version", "/document_type", "/prices_include_tax"})
"""What no single text shows and a reader still knows."""

MARKS = frozenset(("through", "streaks", "specks", "folds", "crumple", "glare", "motion"))
"""What of wear most pictures lack."""

SAID_BY_PAGE = SAID_BY_ALL | {"/language", "/type_code"}


def told(invoice: Invoice, pointers: Collection[str]) -> Invoice:
    """Return the facts with every value null whose pointer is not among `pointers`."""
    kept = _kept(invoice.model_dump(mode="json"), "", pointers)
    return Invoice.model_validate(_drop_empty(kept))


def plain(invoice: Invoice) -> dict[str, Any]:
    """Return the truth as JSON values without nulls and empty lists; money is a string of digits."""
    found: dict[str, Any] = _drop_empty(invoice.model_dump(mode="json"))
    return found


def fields(invoice: Invoice) -> dict[str, Any]:
    """Return the truth as the flat fields of a measuring case; null = the document shows none.

    Money is a JSON number here, for that form has no decimals: judge exactness by `plain`.
    """
    accounts = invoice.payment.accounts if invoice.payment else []
    sums = invoice.totals
    net, tax = _of_bands(invoice)
    return {
        "invoice_number": invoice.invoice_number,
        "issue_date": invoice.issue_date and invoice.issue_date.isoformat(),
        "due_date": invoice.due_date and invoice.due_date.isoformat(),
        "currency": invoice.currency,
        "seller_name": invoice.seller and invoice.seller.name,
        "seller_tax_id": invoice.seller and invoice.seller.tax_id,
        "buyer_name": invoice.buyer and invoice.buyer.name,
        "purchase_order": invoice.purchase_order_reference,
        "iban": accounts[0].iban if accounts else None,
        "subtotal": net if sums.net is None else _number(sums.net),
        "total_tax": tax if sums.tax is None else _number(sums.tax),
        "total": _number(sums.gross),
        "lines": [
            {
                "description": line.description,
                "quantity": _number(line.quantity),
                "unit_price": _number(line.unit_price),
                "amount": _number(
                    line.net_amount if line.net_amount is not None else line.gross_amount
                ),
            }
            for line in invoice.lines
        ],
    }


def _of_bands(invoice: Invoice) -> tuple[Any, Any]:
    """Return net and tax where the page shows them by its tax bands alone; None where it does not.

    Of one band they are the totals. Of several the page shows no sum: the sum and none are both right then.
    """
    bases = [band.taxable_amount for band in invoice.taxes]
    taxes = [band.tax_amount for band in invoice.taxes]
    shared = len(bases) > 1 and len(set(bases)) == 1

    def sum_of(amounts: list[Any]) -> Any:
        if not amounts or None in amounts:
            return None
        total = _number(sum(amounts, Decimal(0)))
        return total if len(amounts) == 1 else [total, None]

    # two taxes on one base (Canada, India): the base counts once
    return sum_of(bases[:1] if shared else bases), sum_of(taxes)


def boxes(places: Mapping[str, list[Place]]) -> dict[str, list[dict[str, Any]]]:
    """Return for each pointer where its value stands, as in an answer's evidence."""
    return {
        pointer: [
            {"text": place.text, "page": place.page, "boxes": [list(box) for box in place.boxes]}
            for place in found
        ]
        for pointer, found in places.items()
    }


def worn(wear: Wear | None) -> dict[str, Any] | None:
    """Return what was done to a picture, without the marks that it lacks; None where nothing was."""
    if wear is None:
        return None
    return {name: known for name, known in asdict(wear).items() if known or name not in MARKS}


def lines_of_json(rows: list[dict[str, Any]]) -> str:
    """Return the rows as JSON Lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _kept(node: Any, pointer: str, pointers: Collection[str]) -> Any:
    if isinstance(node, dict):
        return {key: _kept(item, f"{pointer}/{key}", pointers) for key, item in node.items()}
    if isinstance(node, list):
        if node and not isinstance(node[0], dict):
            return [item for n, item in enumerate(node) if f"{pointer}/{n}" in pointers]
        return [_kept(item, f"{pointer}/{n}", pointers) for n, item in enumerate(node)]
    return node if pointer in pointers else None


def _drop_empty(node: Any) -> Any:
    if isinstance(node, dict):
        kept = {key: _drop_empty(item) for key, item in node.items()}
        return {
            key: item for key, item in kept.items() if item is not None and item not in ({}, [])
        }
    if isinstance(node, list):
        return [item for item in map(_drop_empty, node) if item not in ({}, [])]
    return node


def _number(value: Any) -> float | int | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
