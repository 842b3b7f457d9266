"""What stands on a sheet: head, parties, lines, taxes, totals, payment, and all values besides."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from invoice_extraction.model.extraction import ExtractedInvoice
from invoice_extraction.model.invoice import Address, Party, decimal_text
from invoice_extraction.sheet.pen import INNER, MARGIN, Cell, Pen

_TITLES = {
    "invoice": "Invoice",
    "credit_note": "Credit note",
    "debit_note": "Debit note",
    "receipt": "Receipt",
    "proforma": "Pro forma invoice",
}
_PARTIES = (
    ("seller", "Seller"),
    ("buyer", "Buyer"),
    ("payee", "Paid to"),
    ("delivery_party", "Delivered to"),
)
_TOTALS = (
    ("lines_net", "Sum of lines"),
    ("allowances", "Allowances"),
    ("charges", "Charges"),
    ("net", "Total without tax"),
    ("tax", "Tax"),
    ("gross", "Total with tax"),
    ("withheld", "Withheld"),
    ("paid", "Paid"),
    ("rounding", "Rounding"),
    ("previous_balance", "Previous balance"),
    ("tip", "Tip"),
    ("amount_due", "Amount due"),
    ("tax_in_tax_currency", "Tax in tax currency"),
)
_HEAD = (
    *("issue_date", "due_date", "delivery_date", "tax_point_date", "period_start", "period_end"),
    *("purchase_order_reference", "buyer_reference", "contract_reference", "project_reference"),
    *("sales_order_reference", "despatch_reference", "currency", "tax_currency", "type_code"),
    *("source_type_code", "issue_time", "language", "prices_include_tax"),
)
_STRONG = ("gross", "amount_due")
_WORDS = {"iban": "IBAN", "bic": "BIC", "gtin": "GTIN", "tax": "tax", "id": "no."}
_HALF = INNER / 2 - 8
_RIGHT = MARGIN + INNER
_AFTER_LINES = 4  # pages that are kept for what stands below the lines
_UNMAPPED = 500  # values that are listed by their paths


class _Taken:
    """A part of the invoice whose fields are taken one by one; what nobody took is left over."""

    def __init__(self, part: BaseModel) -> None:
        self._left: dict[str, Any] = {
            name: value
            for name, value in part
            if value is not None and value != [] and value != {} and name != "schema_version"
        }

    def value(self, name: str) -> Any:
        """Return a field as it is, None where it is not known or was taken before."""
        return self._left.pop(name, None)

    def text(self, name: str) -> str:
        """Return a field in words, "" where it is not known or was taken before."""
        return _text(self._left.pop(name, None))

    def rest(self) -> list[tuple[str, str]]:
        """Return label and text of each field that is left, and take them."""
        left, self._left = self._left, {}
        return [
            (label, text)
            for name, value in left.items()
            for label, text in _leaves(_label(name), value)
        ]


def write(pen: Pen, invoice: ExtractedInvoice) -> None:
    """Draw one invoice.

    Raises:
        Full: There are no pages left.
    """
    result = _Taken(invoice.result)
    kind = _TITLES.get(result.text("document_type"), "Document")
    number = result.text("invoice_number")
    pen.row([Cell(MARGIN, INNER, f"{kind} {number}".strip(), bold=True, size=17)])
    facts = [(_label(name), text) for name in _HEAD if (text := result.text(name))]
    half = (len(facts) + 1) // 2
    pen.row([Cell(MARGIN, INNER, " ", size=5)])
    pen.columns(
        [_fact(label, text, MARGIN) for label, text in facts[:half]],
        [_fact(label, text, MARGIN + INNER / 2) for label, text in facts[half:]],
    )
    _parties(pen, result)
    _lines(pen, result)
    _adjustments(pen, result)
    _taxes(pen, result)
    _totals(pen, result, invoice.result.currency)
    _payment(pen, result)
    for earlier in result.value("preceding_invoices") or ():
        told = _Taken(earlier)
        of = told.text("issue_date")
        _title(pen, "Refers to")
        pen.row([Cell(MARGIN, INNER, " of ".join(filter(None, (told.text("invoice_number"), of))))])
    _paragraphs(pen, "Notes", result.value("notes") or ())
    _pairs(pen, "Further values", result.rest())
    # With a place to break the line before each step of a path.
    kept = [(one.path.replace("/", " /"), one.value) for one in invoice.unmapped[:_UNMAPPED]]
    _pairs(pen, "Also in the file", kept)
    if more := len(invoice.unmapped) - len(kept):
        pen.row([Cell(MARGIN, INNER, f"and {more:,} more values", grey=True)])


def _parties(pen: Pen, result: _Taken) -> None:
    boxes = []
    for name, title in _PARTIES:
        party: Party | None = result.value(name)
        if party is not None:
            boxes.append((title, list(_party(party))))
    for place in range(0, len(boxes), 2):
        pen.row([Cell(MARGIN, INNER, " ", size=8)])
        pen.columns(
            *(
                [
                    [Cell(x, _HALF, title, grey=True, size=7.5)],
                    *([Cell(x, _HALF, text, bold=not line)] for line, text in enumerate(texts)),
                ]
                for x, (title, texts) in zip(
                    (MARGIN, MARGIN + INNER / 2), boxes[place : place + 2], strict=False
                )
            )
        )


def _party(party: Party) -> Iterator[str]:
    told = _Taken(party)
    yield told.text("name") or "—"
    address: Address | None = told.value("address")
    if address is not None:
        yield from _address(address)
    for identifier in told.value("identifiers") or ():
        yield f"{identifier.scheme or 'Identifier'}: {identifier.value}"
    for label, text in told.rest():
        yield f"{label}: {text}"


def _address(address: Address) -> Iterator[str]:
    told = _Taken(address)
    yield from told.value("lines") or ()
    street = told.text("street")
    if street:
        yield street
    town = " ".join(filter(None, (told.text("postal_code"), told.text("city"))))
    for text in (town, told.text("region"), told.text("country")):
        if text:
            yield text
    for _, text in told.rest():
        yield text


_COLUMNS: tuple[tuple[str, float, float], ...] = (
    ("Quantity", 322, 74),
    ("Price", 388, 62),
    ("Tax", 432, 40),
    ("Amount", INNER, 74),
)
"""Title, right edge from the margin, width, in points; what is billed stands left of them."""


def _lines(pen: Pen, result: _Taken) -> None:
    lines = result.value("lines") or ()
    if not lines:
        return
    pen.row([Cell(MARGIN, INNER, " ", size=10)])
    _line_head(pen)
    for place, line in enumerate(lines):
        if pen.pages_left < _AFTER_LINES:
            pen.row([Cell(MARGIN + 28, 330, f"and {len(lines) - place:,} more lines", grey=True)])
            break
        told = _Taken(line)
        unit = told.text("unit")
        code = told.text("unit_code")
        price = told.text("unit_price")
        base = told.text("price_base_quantity")
        rate, category = told.text("tax_rate"), told.text("tax_category")
        net, gross = told.text("net_amount"), told.text("gross_amount")
        quantity = " ".join(filter(None, (told.text("quantity"), unit or code)))
        tax = f"{rate} %" if rate else category
        texts = (quantity, f"{price} / {base}" if base else price, tax, net or gross)
        number, description = told.text("id"), told.text("description")
        besides = told.rest()
        if unit and code and unit != code:
            besides.insert(0, ("Unit code", code))
        if rate and category:
            besides.append(("Tax category", category))
        if net and gross:
            besides.append(("With tax", gross))
        pen.row(
            [
                Cell(MARGIN, 24, number, grey=True),
                Cell(MARGIN + 28, 216, description or "—"),
                *(
                    Cell(MARGIN + right, width, text, "right")
                    for (_, right, width), text in zip(_COLUMNS, texts, strict=True)
                ),
            ],
            above=3,
            below=10 if besides else 0,
            head=_line_head,
        )
        if besides:
            small = " · ".join(f"{label} {text}" for label, text in besides)
            pen.row([Cell(MARGIN + 28, 330, small, grey=True, size=7)], head=_line_head)
    pen.rule()


def _line_head(pen: Pen) -> None:
    pen.row(
        [
            Cell(MARGIN + 28, 200, "Description", grey=True, size=7.5),
            *(
                Cell(MARGIN + right, width, title, "right", grey=True, size=7.5)
                for title, right, width in _COLUMNS
            ),
        ]
    )
    pen.rule(strong=True)


def _adjustments(pen: Pen, result: _Taken) -> None:
    for name, title, sign in (("allowances", "Allowance", "−"), ("charges", "Charge", "+")):
        for one in result.value(name) or ():
            told = _Taken(one)
            reason, amount = told.text("reason"), told.text("amount")
            besides = " · ".join(f"{label} {text}" for label, text in told.rest())
            pen.row(
                [
                    Cell(MARGIN + 28, 330, f"{title}: {reason}" if reason else title),
                    Cell(_RIGHT, 90, f"{sign} {amount}" if amount else "", "right"),
                ]
            )
            if besides:
                pen.row([Cell(MARGIN + 28, 330, besides, grey=True, size=7)])


def _taxes(pen: Pen, result: _Taken) -> None:
    bands = result.value("taxes") or ()
    if not bands:
        return
    _title(pen, "Taxes")
    for band in bands:
        told = _Taken(band)
        rate, name = told.text("rate"), told.text("name")
        category = " ".join(filter(None, (told.text("category"), told.text("source_category"))))
        on, amount = told.text("taxable_amount"), told.text("tax_amount")
        what = " ".join(filter(None, (name or "Tax", f"{rate} %" if rate else "", category)))
        pen.row(
            [
                Cell(MARGIN + 28, 260, what),
                Cell(_RIGHT - 100, 120, f"on {on}" if on else "", "right"),
                Cell(_RIGHT, 90, amount, "right"),
            ]
        )
        besides = " · ".join(f"{label}: {text}" for label, text in told.rest())
        if besides:
            pen.row([Cell(MARGIN + 28, 380, besides, grey=True, size=7)])


def _totals(pen: Pen, result: _Taken, currency: str | None) -> None:
    told = _Taken(result.value("totals"))
    rows = [(name, label, text) for name, label in _TOTALS if (text := told.text(name))]
    if not rows:
        return
    _title(pen, f"Totals in {currency}" if currency else "Totals")
    for name, label, text in rows:
        strong = name in _STRONG
        pen.row(
            [
                Cell(_RIGHT - 100, 200, label, "right", bold=strong),
                Cell(_RIGHT, 95, text, "right", bold=strong),
            ]
        )


def _payment(pen: Pen, result: _Taken) -> None:
    payment = result.value("payment")
    if payment is None:
        return
    told = _Taken(payment)
    terms = told.text("terms")
    accounts, instalments = told.value("accounts") or (), told.value("instalments") or ()
    pairs = told.rest()
    for account in accounts:
        pairs += _Taken(account).rest()
    for part in instalments:
        one = _Taken(part)
        pairs.append(
            ("Instalment", " on ".join(filter(None, (one.text("amount"), one.text("due_date")))))
        )
    if terms:
        pairs.append(("Terms", terms))
    _pairs(pen, "Payment", pairs)


def _pairs(pen: Pen, title: str, pairs: Sequence[tuple[str, str]]) -> None:
    if not pairs:
        return
    _title(pen, title)
    for label, text in pairs:
        pen.row(
            [Cell(MARGIN, 170, label, grey=True, size=7.5), Cell(MARGIN + 178, INNER - 178, text)]
        )


def _paragraphs(pen: Pen, title: str, texts: Sequence[str]) -> None:
    if not texts:
        return
    _title(pen, title)
    for text in texts:
        pen.row([Cell(MARGIN, INNER, text)], above=2)


def _title(pen: Pen, text: str) -> None:
    pen.row([Cell(MARGIN, INNER, text, bold=True, size=9.5)], above=11, below=30)


def _fact(label: str, text: str, x: float) -> list[Cell]:
    return [Cell(x, 116, label, grey=True), Cell(x + 120, _HALF - 120, text)]


def _leaves(label: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield label and text of each value below one, in its order."""
    if isinstance(value, BaseModel):
        value = {name: below for name, below in value if below is not None}
    if isinstance(value, dict):
        for name, below in value.items():
            yield from _leaves(f"{label}, {_label(str(name)).lower()}", below)
    elif isinstance(value, list | tuple):
        for below in value:
            yield from _leaves(label, below)
    elif value is not None:
        yield label, _text(value)


def _label(name: str) -> str:
    """Return the words of a field's name: "Purchase order reference", "IBAN"."""
    words = " ".join(_WORDS.get(word, word) for word in name.split("_"))
    return words[:1].upper() + words[1:]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
