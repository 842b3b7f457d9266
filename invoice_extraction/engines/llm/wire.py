"""What the model fills in: shallow, every property required, each value a nullable string as printed.

No limits (maxItems, minimum) and no descriptions: they use up the hidden budget that Gemini has for
schemas, and what is over it ends in a bare "Request contains an invalid argument".
https://ai.google.dev/gemini-api/docs/structured-output
"""

from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

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
    """One invoice. `issue_date` and `due_date` are ISO dates, all else is as printed."""

    pages: list[int]
    invoice_number: str | None
    issue_date_text: str | None
    issue_date: str | None
    due_date_text: str | None
    due_date: str | None
    purchase_order: str | None
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
    notes: str | None
    sources: list[WireSource]


class WireAnswer(Wire):
    """The whole answer to one document."""

    document_type: WireDocumentType
    language: str | None
    invoices: list[WireInvoice]
    unreadable: list[str]
    warnings: list[str]


@cache
def json_schema() -> dict[str, Any]:
    """Return the JSON Schema to send, without titles and descriptions. Not to be changed."""
    schema = WireAnswer.model_json_schema()
    for part in (schema, *schema["$defs"].values()):
        part.pop("description", None)
        part.pop("title", None)
        for item in part.get("properties", {}).values():
            item.pop("title", None)
    return schema
