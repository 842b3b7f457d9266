"""The canonical invoice: one schema for every engine, syntax and export.

Names are EN 16931 business terms in snake_case (BT/BG numbers beside them), with the short forms that
are universal. Unknown is null, never "" or 0, and never a guess. Money is Decimal in the document's
`currency`, as printed or written (digits and trailing zeros kept), a decimal string in JSON; a percent
is "19", not "0.19". A credit note's amounts are positive (its type says which way they go).
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer

SCHEMA_VERSION: Literal["1.0"] = "1.0"

DocumentType = Literal[
    "invoice",
    "credit_note",
    "debit_note",
    "receipt",
    "proforma",
    "statement",
    "reminder",
    "purchase_order",
    "other",
]

INVOICE_TYPES: frozenset[str] = frozenset(
    {"invoice", "credit_note", "debit_note", "receipt", "proforma"}
)
"""The document types that are invoices in the wide sense; the others fail the check not_an_invoice."""


def decimal_text(value: Decimal) -> str:
    """Return plain digits ("1234.50", "-0.5"), never an exponent."""
    return format(value, "f")


MAX_DIGITS = 100
"""Before a number's point, and behind it before the first that is not 0: more than any invoice has."""


def _written_out(value: Decimal) -> Decimal:
    """Return the number; ValueError where a short text ("1E+999000") stands for very many digits."""
    if not -MAX_DIGITS <= value.adjusted() < MAX_DIGITS:
        raise ValueError(f"a number has at most {MAX_DIGITS} digits on either side of its point")
    return value


Number = Annotated[
    Decimal,
    Field(allow_inf_nan=False),
    AfterValidator(_written_out),
    PlainSerializer(decimal_text, return_type=str, when_used="json"),
]
"""A decimal; a string of plain digits in JSON."""

CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


class Model(BaseModel):
    """Base: unknown keys are an error, so that a typing mistake never loses a value."""

    model_config = ConfigDict(extra="forbid")


class Identifier(Model):
    """An identifier and its scheme: ISO 6523 ICD ("0088"), or a name ("HRB", "ABN")."""

    scheme: str | None = None
    value: str


class Address(Model):
    """A postal address (BG-5, BG-8); `text` is it as printed, on one line."""

    lines: list[str] = []
    street: str | None = None
    city: str | None = None
    postal_code: str | None = None
    region: str | None = None
    country: CountryCode | None = None
    text: str | None = None


class Party(Model):
    """Who sells, buys, is paid or gets the goods. `tax_id` is the VAT or GST number."""

    name: str | None = None
    trading_name: str | None = None
    tax_id: str | None = None
    registration_id: str | None = None
    identifiers: list[Identifier] = []
    address: Address | None = None
    email: str | None = None
    phone: str | None = None
    website: str | None = None
    contact_name: str | None = None


class Line(Model):
    """One billed position (BG-25).

    `net_amount` (BT-131) is without tax, `gross_amount` with it. `unit` is as written, `unit_code`
    (BT-130) UN/ECE Recommendation 20 only. `price_base_quantity` (BT-149): `unit_price` is for so many.
    """

    id: str | None = None
    description: str | None = None
    product_code: str | None = None
    gtin: str | None = None
    quantity: Number | None = None
    unit: str | None = None
    unit_code: str | None = None
    unit_price: Number | None = None
    price_base_quantity: Number | None = None
    discount_amount: Number | None = None
    discount_percent: Number | None = None
    tax_rate: Number | None = None
    tax_category: str | None = None
    tax_amount: Number | None = None
    net_amount: Number | None = None
    gross_amount: Number | None = None
    period_start: date | None = None
    period_end: date | None = None
    order_line_reference: str | None = None


class AllowanceCharge(Model):
    """A discount (BG-20) or a charge (BG-21) on the document as a whole."""

    reason: str | None = None
    reason_code: str | None = None
    amount: Number | None = None
    base_amount: Number | None = None
    percent: Number | None = None
    tax_rate: Number | None = None
    tax_category: str | None = None


class Tax(Model):
    """One band of tax (BG-23). `category` is UNCL 5305, `source_category` the syntax's own word.

    The surcharge comes on top of the tax, at a rate of its own (Spain: recargo de equivalencia).
    """

    category: str | None = None
    source_category: str | None = None
    rate: Number | None = None
    taxable_amount: Number | None = None
    tax_amount: Number | None = None
    surcharge_rate: Number | None = None
    surcharge_amount: Number | None = None
    exemption_reason: str | None = None
    name: str | None = None


class Totals(Model):
    """The document's sums: BT-106 to BT-115, and what receipts and statements add to them."""

    lines_net: Number | None = None
    allowances: Number | None = None
    charges: Number | None = None
    net: Number | None = None
    tax: Number | None = None
    tax_in_tax_currency: Number | None = None
    gross: Number | None = None
    paid: Number | None = None
    rounding: Number | None = None
    amount_due: Number | None = None
    previous_balance: Number | None = None
    tip: Number | None = None
    withheld: Number | None = None


class Account(Model):
    """A bank account to pay to (BG-17)."""

    iban: str | None = None
    bic: str | None = None
    account_number: str | None = None
    routing_number: str | None = None
    sort_code: str | None = None
    bank_name: str | None = None
    holder: str | None = None


class Instalment(Model):
    """One part of the payment."""

    due_date: date | None = None
    amount: Number | None = None


class Payment(Model):
    """How it is to be paid, or was (BG-16). `means_code` is UNTDID 4461."""

    terms: str | None = None
    means_code: str | None = None
    means_text: str | None = None
    reference: str | None = None
    accounts: list[Account] = []
    card_last4: str | None = None
    card_brand: str | None = None
    mandate_reference: str | None = None
    creditor_id: str | None = None
    instalments: list[Instalment] = []


class PrecedingInvoice(Model):
    """An earlier invoice that this one refers to (BG-3)."""

    invoice_number: str | None = None
    issue_date: date | None = None


class Invoice(Model):
    """One invoice, credit note or receipt. Every field is optional; null is "not shown"."""

    schema_version: Literal["1.0"] = SCHEMA_VERSION
    document_type: DocumentType | None = None
    type_code: str | None = None
    source_type_code: str | None = None
    invoice_number: str | None = None
    issue_date: date | None = None
    issue_time: Annotated[str, Field(pattern=r"^\d{2}:\d{2}(:\d{2})?$")] | None = None
    due_date: date | None = None
    tax_point_date: date | None = None
    delivery_date: date | None = None
    period_start: date | None = None
    period_end: date | None = None
    currency: CurrencyCode | None = None
    tax_currency: CurrencyCode | None = None
    language: str | None = None
    buyer_reference: str | None = None
    project_reference: str | None = None
    contract_reference: str | None = None
    purchase_order_reference: str | None = None
    sales_order_reference: str | None = None
    despatch_reference: str | None = None
    seller: Party | None = None
    buyer: Party | None = None
    payee: Party | None = None
    delivery_party: Party | None = None
    prices_include_tax: bool | None = None
    lines: list[Line] = []
    allowances: list[AllowanceCharge] = []
    charges: list[AllowanceCharge] = []
    taxes: list[Tax] = []
    totals: Totals = Totals()
    payment: Payment | None = None
    preceding_invoices: list[PrecedingInvoice] = []
    notes: list[str] = []
    custom: dict[str, Any] = {}
