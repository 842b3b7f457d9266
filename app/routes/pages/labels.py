"""What an invoice's values, groups and tables are called, for a person."""

from app.languages import Language
from service.store.base import Sort

GROUPS: dict[str, str] = {
    "document": "Document",
    "seller": "Seller",
    "buyer": "Buyer",
    "payee": "Payee",
    "delivery_party": "Delivery",
    "totals": "Totals",
    "payment": "Payment",
}
"""The groups of single fields in order, by the first part of their pointers; the rest is `document`."""

MAIN_COLUMNS: dict[str, tuple[str, ...]] = {
    "/taxes": ("name", "category", "rate", "taxable_amount", "tax_amount"),
    "/allowances": ("reason", "percent", "base_amount", "tax_rate", "amount"),
    "/charges": ("reason", "percent", "base_amount", "tax_rate", "amount"),
    "/payment/instalments": ("due_date", "amount"),
    "/lines": (
        "id",
        "description",
        "quantity",
        "unit",
        "unit_price",
        "tax_rate",
        "net_amount",
        "gross_amount",
    ),
}
"""The lists that are shown as tables, with their columns; what else a row has stands below it."""

TABLE_TITLES: dict[str, str] = {
    "/taxes": "Tax",
    "/allowances": "Discounts",
    "/charges": "Charges",
    "/payment/instalments": "Instalments",
    "/lines": "Lines",
}

NUMBERS: dict[str, str] = {
    "credit_note": "Credit note number",
    "debit_note": "Debit note number",
    "receipt": "Receipt number",
}
"""What the number of a document is called that is no invoice."""

LABELS: dict[str, str] = {
    "/totals/net": "Net total",
    "/totals/tax": "Tax total",
    "/totals/gross": "Gross total",
    "/totals/lines_net": "Sum of lines",
    "/totals/tax_in_tax_currency": "Tax in tax currency",
    "/document_type": "Type",
    "/taxes/*/rate": "Rate",
    "/payment/reference": "Payment reference",
    "/preceding_invoices/*/invoice_number": "Earlier invoice",
    "/preceding_invoices/*/issue_date": "Earlier invoice's date",
    "/notes/*": "Note",
    "id": "No.",
    "iban": "IBAN",
    "bic": "BIC",
    "gtin": "GTIN",
    "tax_id": "Tax ID",
    "registration_id": "Registration no.",
    "tax_rate": "Tax",
    "net_amount": "Net",
    "gross_amount": "Gross",
    "taxable_amount": "Taxable",
    "tax_amount": "Tax",
    "surcharge_rate": "Surcharge",
    "surcharge_amount": "Surcharge",
    "unit_price": "Unit price",
    "discount_percent": "Discount",
    "discount_amount": "Discount",
    "product_code": "Product code",
    "card_last4": "Card ending in",
    "text": "Address",
    "lines": "Address line",
    "identifiers": "Identifier",
}
"""Labels by pointer (`*` for an index), else by the last name in it; the rest are made from their names."""


ORDERS: dict[str, dict[Sort, str]] = {
    "Received": {"-received": "Newest first", "received": "Oldest first"},
    "Issue date": {"-date": "Latest first", "date": "Earliest first"},
    "Seller": {"seller": "A to Z", "-seller": "Z to A"},
    "Total": {"-total": "Largest first", "total": "Smallest first"},
}
"""What the list can be sorted by, and both ways of each, the usual one first."""


def label(pointer: str, language: Language, kind: str | None = None) -> str:
    """Return what a value is called, by its pointer; `kind` is the type of its document."""
    parts = pointer.split("/")[1:]
    pattern = "/" + "/".join("*" if part.isdigit() else part for part in parts)
    names = [part for part in parts if not part.isdigit()]
    indexes = [int(part) for part in parts if part.isdigit()]
    name = names[-1].replace("~1", "/").replace("~0", "~")
    called = NUMBERS.get(kind or "") if pointer == "/invoice_number" else None
    called = called or label_of(pattern, name)
    if names[0] != "custom":  # a name of the caller's own is in the caller's language
        called = language.say(called)
    if len(names) > 1 and names[-2] == "identifiers":
        word = language.say("Identifier")
        called = word if name == "value" else f"{word} {name}"
    is_table = any(pattern.startswith(f"{table}/*") for table in MAIN_COLUMNS)
    return f"{called} ({indexes[-1] + 1})" if indexes and indexes[-1] and not is_table else called


def called(pointer: str, language: Language) -> str:
    """Return the label of a value, with whose it is, or in which row of a table."""
    alone = label(pointer, language)
    table = next((one for one in MAIN_COLUMNS if pointer.startswith(f"{one}/")), None)
    if table is not None:
        row, _, column = pointer[len(table) + 1 :].partition("/")
        title = f"{language.say(TABLE_TITLES[table])} {int(row) + 1}"
        return f"{title} · {alone}" if column else title
    first = pointer.split("/")[1]
    return f"{language.say(GROUPS[first])} · {alone}" if first in ("seller", "buyer") else alone


def label_of(pattern: str, name: str) -> str:
    """Return the label of a value in English: by its pointer (`*` for an index), else by its name."""
    return LABELS.get(pattern) or LABELS.get(name) or spaced(name).capitalize()


def spaced(name: str) -> str:
    """Return a name of the schema as words."""
    return name.replace("_", " ")
