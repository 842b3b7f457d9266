"""Answers of a model, as the wire schema has them, for the tests."""

import json
from typing import Any


def party(**fields: Any) -> dict[str, Any]:
    names = ("name", "address", "country", "tax_id", "email", "iban")
    return dict.fromkeys(names) | fields


def line(**fields: Any) -> dict[str, Any]:
    names = "description sku quantity unit unit_price discount tax_rate amount page"
    return dict.fromkeys(names.split()) | fields


def tax(**fields: Any) -> dict[str, Any]:
    return dict.fromkeys(("rate", "base", "amount")) | fields


def invoice(**fields: Any) -> dict[str, Any]:
    names = (
        "invoice_number issue_date_text issue_date due_date_text due_date purchase_order currency "
        "subtotal discount shipping tax_total total amount_paid amount_due payment_terms notes "
        "buyer_reference corrected_invoice payment_reference bic"
    )
    lists: dict[str, Any] = {"pages": [], "lines": [], "taxes": [], "sources": []}
    parties = {"seller": party(), "buyer": party()}
    return dict.fromkeys(names.split()) | lists | parties | fields


def answer(*invoices: dict[str, Any], **fields: Any) -> dict[str, Any]:
    common = {"document_type": "invoice", "language": "en", "unreadable": [], "warnings": []}
    return common | {"invoices": list(invoices)} | fields


SIMPLE = answer(
    invoice(
        pages=[1],
        invoice_number="R-2026-0117",
        currency="EUR",
        seller=party(name="Musterwerk GmbH", tax_id="DE123456789"),
        lines=[line(description="Planning", quantity="2", unit_price="50,00", amount="100,00")],
        subtotal="100,00",
        tax_total="19,00",
        total="119,00 €",
        sources=[{"field": "total", "quote": "Total 119,00 €", "page": 1}],
    )
)
SIMPLE_TEXT = json.dumps(SIMPLE)
