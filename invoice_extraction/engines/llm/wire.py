"""What the model fills in: shallow, every property required, each value a nullable string as printed.

No limits (maxItems, minimum) and no descriptions: they use up the hidden budget that Gemini has for
schemas, and what is over it ends in a bare "Request contains an invalid argument".
https://ai.google.dev/gemini-api/docs/structured-output
"""

from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from invoice_extraction.model.own_fields import type_of

WireDocumentType = Literal[
    "invoice",
    "credit_note",
    "debit_note",
    "receipt",
    "pro_forma",
    "statement",
    "reminder",
    "purchase_order",
    "other",
]


class Wire(BaseModel):
    """Base: unknown keys are an error, as OpenAI's strict mode wants it too."""

    model_config = ConfigDict(extra="forbid")


class WireParty(Wire):
    """Seller or buyer."""

    name: str | None
    address: str | None
    country: str | None
    tax_id: str | None
    email: str | None
    iban: str | None


class WireLine(Wire):
    """One billed position; `page` is counted from 1."""

    description: str | None
    sku: str | None
    quantity: str | None
    unit: str | None
    unit_price: str | None
    discount: str | None
    tax_rate: str | None
    amount: str | None
    page: int | None


class WireTax(Wire):
    """One band of tax."""

    rate: str | None
    base: str | None
    amount: str | None


class WireSource(Wire):
    """A printed text that proves a field; `field` is a path such as "seller.tax_id"."""

    field: str
    quote: str
    page: int | None


class WireInvoice(Wire):
    """One invoice. `issue_date` and `due_date` are ISO dates, all else is as printed.

    `custom` are the caller's own fields, asked for only where there are some.
    """

    pages: list[int]
    invoice_number: str | None
    issue_date_text: str | None
    issue_date: str | None
    due_date_text: str | None
    due_date: str | None
    purchase_order: str | None
    buyer_reference: str | None
    corrected_invoice: str | None
    currency: str | None
    seller: WireParty
    buyer: WireParty
    lines: list[WireLine]
    subtotal: str | None
    discount: str | None
    shipping: str | None
    taxes: list[WireTax]
    tax_total: str | None
    total: str | None
    amount_paid: str | None
    amount_due: str | None
    payment_terms: str | None
    payment_reference: str | None
    bic: str | None
    notes: str | None
    sources: list[WireSource]
    custom: dict[str, Any] | None = None


class WireAnswer(Wire):
    """The whole answer to one document."""

    document_type: WireDocumentType
    language: str | None
    invoices: list[WireInvoice]
    unreadable: list[str]
    warnings: list[str]


def json_schema(fields: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the JSON Schema to send, with own `fields` where some are asked for. Not to be changed."""
    if fields is None:
        return _plain_schema()
    schema = deepcopy(_plain_schema())
    invoice = schema["$defs"]["WireInvoice"]
    invoice["properties"]["custom"] = _own(fields)
    invoice["required"].append("custom")
    return schema


@cache
def _plain_schema() -> dict[str, Any]:
    """Return the schema of an answer without titles, descriptions and own fields."""
    schema = WireAnswer.model_json_schema()
    for part in (schema, *schema["$defs"].values()):
        part.pop("description", None)
        part.pop("title", None)
        for item in part.get("properties", {}).values():
            item.pop("title", None)
    del schema["$defs"]["WireInvoice"]["properties"]["custom"]
    return schema


def _own(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the model is to fill in for a part of the caller's own schema.

    Numbers and dates are texts here as everywhere: copied as printed, and parsed afterwards. What
    bounds a value is checked afterwards too.
    """
    kind = type_of(schema)
    if kind == "object":
        properties = {name: _own(part) for name, part in schema["properties"].items()}
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }
    if kind == "array":
        return {"type": "array", "items": _own(schema["items"])}
    value: dict[str, Any] = {"type": "boolean" if kind == "boolean" else "string"}
    if "enum" in schema:
        value["enum"] = schema["enum"]
    told = {"description": schema["description"]} if schema.get("description") else {}
    return {"anyOf": [value, {"type": "null"}]} | told
