"""A model's answer → Reading: each value as printed, under its pointer in the canonical invoice.

Nothing is parsed to a number here and nothing is located; that is `normalise`'s. A value has a canonical
form only where its text alone is certain: a date that can be read in one way, an ISO code.
"""

import re
from collections.abc import Container, Iterator, Mapping
from datetime import date
from typing import Any

from babel.core import get_global

from invoice_extraction.engines.llm.prompt import PROMPT_VERSION
from invoice_extraction.engines.llm.sums import (
    lines_include_tax,
    lines_make_total,
    subtotal_is_before_discount,
    tells_no_tax,
)
from invoice_extraction.engines.llm.wire import (
    WireAnswer,
    WireInvoice,
    WireParty,
    WireSource,
)
from invoice_extraction.model.document import Document
from invoice_extraction.model.invoice import INVOICE_TYPES
from invoice_extraction.model.options import Options
from invoice_extraction.model.own_fields import type_of
from invoice_extraction.model.reading import (
    InvoiceReading,
    Origin,
    Reading,
    Unmapped,
    Usage,
    Value,
)

MAX_TEXT = 500
"""Characters of a value; longer ones are left out and told."""
MAX_LONG_TEXT = 4_000
"""Characters of a description, of payment terms and of notes."""
MAX_QUOTE = 300
MAX_ITEMS = 1_000
"""Items of a list of own values."""
MAX_WARNING = 300
MAX_WARNINGS = 20
MAX_PAGE = 1_000

DOCUMENT_TYPES = {"pro_forma": "proforma"}
"""The wire's document types that the invoice has another word for."""

HEADER_FIELDS = {
    "invoice_number": "/invoice_number",
    "purchase_order": "/purchase_order_reference",
    "buyer_reference": "/buyer_reference",
    "corrected_invoice": "/preceding_invoices/0/invoice_number",
    "payment_reference": "/payment/reference",
    "bic": "/payment/accounts/0/bic",
    "tax_total": "/totals/tax",
    "total": "/totals/gross",
    "amount_paid": "/totals/paid",
    "amount_due": "/totals/amount_due",
    "discount": "/allowances/0/amount",
    "shipping": "/charges/0/amount",
}
LONG_HEADER_FIELDS = {"payment_terms": "/payment/terms", "notes": "/notes/0"}
PARTY_FIELDS = {"name": "name", "tax_id": "tax_id", "email": "email"}
LINE_FIELDS = {
    "sku": "product_code",
    "quantity": "quantity",
    "unit": "unit",
    "unit_price": "unit_price",
    "tax_rate": "tax_rate",
}
TAX_FIELDS = {"rate": "rate", "base": "taxable_amount", "amount": "tax_amount"}

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_NOTHING = frozenset({"", "-", "–", "—", "null", "none", "n/a"})
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_INDEX = re.compile(r"\[(\d+)\]")


def to_reading(answer: WireAnswer, usage: Usage, document: Document, options: Options) -> Reading:
    """Return the reading of `document` that a model's answer amounts to, `usage` being its cost."""
    pages = frozenset(page.number for page in document.pages) or frozenset(range(1, MAX_PAGE + 1))
    left_out: list[str] = []
    invoices = [
        _invoice(answer, invoice, pages, left_out, options.fields_schema)
        for invoice in answer.invoices
    ]
    if not invoices:
        invoices = [_no_invoice(answer, pages, left_out)]
    return Reading(
        engine="llm",
        invoices=tuple(invoices),
        model=options.model.model if options.model else None,
        prompt_version=PROMPT_VERSION,
        usage=usage,
        warnings=tuple([*left_out, *_warnings(answer)][:MAX_WARNINGS]),
    )


def _invoice(
    answer: WireAnswer,
    invoice: WireInvoice,
    pages: frozenset[int],
    left_out: list[str],
    fields: Mapping[str, Any] | None,
) -> InvoiceReading:
    values = _Values(invoice.sources, pages, left_out)
    _header(values, answer, invoice)
    _party(values, "seller", invoice.seller)
    _party(values, "buyer", invoice.buyer)
    values.add("seller.iban", invoice.seller.iban, "/payment/accounts/0/iban")
    unmapped = _lines(values, invoice)
    _taxes(values, invoice)
    if fields is not None:
        _custom(values, fields, invoice.custom, "custom")
    # The buyer's account is what a direct debit is drawn from, never one to pay to.
    iban = _clean(invoice.buyer.iban or "")[:MAX_TEXT]
    if iban:
        unmapped.append(Unmapped("buyer.iban", iban))
    return InvoiceReading(
        values=values.found,
        pages=tuple(sorted(pages.intersection(invoice.pages))),
        unmapped=tuple(unmapped),
        quotes=values.quotes,
    )


def _no_invoice(answer: WireAnswer, pages: frozenset[int], left_out: list[str]) -> InvoiceReading:
    """Return what is told of a document in which the model found no invoice: what it is instead."""
    kind = DOCUMENT_TYPES.get(answer.document_type, answer.document_type)
    values = _Values([], pages, left_out)
    _judgements(values, answer, "other" if kind in INVOICE_TYPES else kind)
    return InvoiceReading(values=values.found)


class _Values:
    """The values of one invoice, by pointer, with the quotes and pages that the sources give."""

    def __init__(
        self, sources: list[WireSource], pages: frozenset[int], left_out: list[str]
    ) -> None:
        self.found: dict[str, Value] = {}
        self.quotes: dict[str, str] = {}
        self._pages = pages
        self._left_out = left_out
        self._sources = {
            _INDEX.sub(r".\1", source.field.strip()).removesuffix("_text"): source
            for source in sources
        }

    def add(
        self,
        name: str,
        text: str | None,
        pointer: str,
        *,
        canonical: str | None = None,
        origin: Origin | None = None,
        page: int | None = None,
        limit: int = MAX_TEXT,
    ) -> None:
        """Add the value that the wire calls `name`, unless it is empty or longer than `limit`."""
        text = _clean(text or "")
        if text.lower() in _NOTHING:
            return
        if len(text) > limit:
            self._left_out.append(
                f"The model's text for {pointer} is longer than {limit:,} characters: left out."
            )
            return
        source = self._sources.get(name)
        if source is not None:
            page = source.page or page
            quote = _clean(source.quote)
            if quote and len(quote) <= MAX_QUOTE:
                self.quotes[pointer] = quote
        self.found[pointer] = Value(
            text, canonical, page=page if page in self._pages else None, origin=origin
        )


def _header(values: _Values, answer: WireAnswer, invoice: WireInvoice) -> None:
    _judgements(values, answer, DOCUMENT_TYPES.get(answer.document_type, answer.document_type))
    for name, pointer in HEADER_FIELDS.items():
        values.add(name, getattr(invoice, name), pointer)
    for name, pointer in LONG_HEADER_FIELDS.items():
        values.add(name, getattr(invoice, name), pointer, limit=MAX_LONG_TEXT)
    net = "/totals/lines_net" if subtotal_is_before_discount(invoice) else "/totals/net"
    values.add("subtotal", invoice.subtotal, net)
    _date(values, "issue_date", invoice.issue_date_text, invoice.issue_date)
    _date(values, "due_date", invoice.due_date_text, invoice.due_date)
    values.add(
        "currency",
        invoice.currency,
        "/currency",
        canonical=_code(invoice.currency, get_global("all_currencies")),
    )


def _judgements(values: _Values, answer: WireAnswer, kind: str) -> None:
    """Add what kind of document it is and in which language: printed nowhere as such."""
    values.add("document_type", kind, "/document_type", canonical=kind, origin="model")
    language = answer.language or ""
    if _LANGUAGE.fullmatch(language):
        values.add("language", language, "/language", canonical=language, origin="model")


def _date(values: _Values, name: str, text: str | None, iso: str | None) -> None:
    canonical = iso if text and iso and _only_date(text) == iso else None
    values.add(name, text or iso, f"/{name}", canonical=canonical)


def _only_date(text: str) -> str | None:
    """Return the ISO date that a text says whatever its language's order is, None where it may vary.

    Three numbers, one of them a year of four digits at either end; "03/04/2026" may be two dates. A
    month written as a word is `normalise`'s, which knows the words.
    """
    numbers = [int(digits) for digits in re.findall(r"[0-9]+", text)]
    if len(numbers) != 3:
        return None
    first, second, third = numbers
    if first >= 1000:
        orders = {(first, second, third)}
    elif third >= 1000:
        orders = {(third, second, first), (third, first, second)}
    else:
        return None
    dates = {found for order in orders if (found := _iso(*order))}
    return dates.pop() if len(dates) == 1 else None


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _code(text: str | None, codes: Container[str]) -> str | None:
    """Return the text where it is one of the codes as it stands, else None."""
    code = (text or "").strip()
    return code if code in codes else None


def _party(values: _Values, role: str, party: WireParty) -> None:
    for name, target in PARTY_FIELDS.items():
        values.add(f"{role}.{name}", getattr(party, name), f"/{role}/{target}")
    # One line, as the invoice has it; a line break becomes a comma so that a person can read it.
    rows = [row.strip(" ,") for row in (party.address or "").splitlines()]
    address = ", ".join(row for row in rows if row)
    values.add(f"{role}.address", address, f"/{role}/address/text")
    values.add(
        f"{role}.country",
        party.country,
        f"/{role}/address/country",
        canonical=_code(party.country, get_global("territory_currencies")),
    )


def _lines(values: _Values, invoice: WireInvoice) -> list[Unmapped]:
    """Add the lines; return their amounts where nothing tells whether tax is in them."""
    with_tax = lines_include_tax(invoice)
    amount: str | None = "gross_amount" if with_tax else "net_amount"
    if tells_no_tax(invoice):
        # The total is one with tax, whatever it is made of; what does not lead to it may be either.
        amount = "gross_amount" if lines_make_total(invoice) else None
    unmapped: list[Unmapped] = []
    if with_tax:
        values.add("", "true", "/prices_include_tax", canonical="true", origin="derived")
    lines = [line for line in invoice.lines if _filled(line.model_dump(exclude={"page"}))]
    for number, line in enumerate(lines):
        name, at = f"lines.{number}", f"/lines/{number}"
        page = line.page
        values.add(
            f"{name}.description",
            line.description,
            f"{at}/description",
            page=page,
            limit=MAX_LONG_TEXT,
        )
        if amount is not None:
            values.add(f"{name}.amount", line.amount, f"{at}/{amount}", page=page)
        elif (text := _clean(line.amount or "")[:MAX_TEXT]).lower() not in _NOTHING:
            unmapped.append(Unmapped(f"{name}.amount", text))
        discount = "discount_percent" if "%" in (line.discount or "") else "discount_amount"
        values.add(f"{name}.discount", line.discount, f"{at}/{discount}", page=page)
        for key, target in LINE_FIELDS.items():
            values.add(f"{name}.{key}", getattr(line, key), f"{at}/{target}", page=page)
    return unmapped


def _taxes(values: _Values, invoice: WireInvoice) -> None:
    taxes = [tax for tax in invoice.taxes if _filled(tax.model_dump())]
    for number, tax in enumerate(taxes):
        for name, target in TAX_FIELDS.items():
            values.add(f"taxes.{number}.{name}", getattr(tax, name), f"/taxes/{number}/{target}")


def _custom(values: _Values, schema: Mapping[str, Any], told: object, name: str) -> None:
    """Add own values by their schema; what it has no place for is passed over."""
    kind = type_of(schema)
    if kind == "object" and isinstance(told, dict):
        for key, part in schema["properties"].items():
            _custom(values, part, told.get(key), f"{name}.{key}")
    elif kind == "array" and isinstance(told, list):
        for number, item in enumerate(told[:MAX_ITEMS]):
            _custom(values, schema["items"], item, f"{name}.{number}")
    elif kind == "boolean" and isinstance(told, bool):
        values.add(name, "true" if told else "false", _pointer(name), origin="model")
    elif isinstance(told, str):
        values.add(name, told, _pointer(name), limit=MAX_LONG_TEXT)


def _pointer(name: str) -> str:
    return "/" + name.replace(".", "/")


def _filled(fields: dict[str, str | None]) -> bool:
    return any(_clean(text or "").lower() not in _NOTHING for text in fields.values())


def _clean(text: str) -> str:
    return " ".join(_CONTROL.sub("", text).split())


def _warnings(answer: WireAnswer) -> Iterator[str]:
    if not answer.invoices:
        kind = answer.document_type
        yield f"The model found no invoice in the document; the kind it sees is: {kind}."
    # A document may have told the model what to say here: its words are marked as the model's.
    for text in answer.unreadable:
        yield f"The model could not read: {_clean(text)[:MAX_WARNING]}"
    for text in answer.warnings:
        yield f"The model remarks: {_clean(text)[:MAX_WARNING]}"
