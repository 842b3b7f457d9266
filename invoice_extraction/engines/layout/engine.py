"""The local engine: reads a document's words by their places, with no network and no model."""

from collections import Counter
from collections.abc import Sequence

from msgspec.structs import replace

from invoice_extraction.engines.layout import (
    accounts,
    addresses,
    currencies,
    decode,
    hints,
    misread,
    parties,
    payments,
    references,
    score,
    several,
    tables,
    tax_numbers,
)
from invoice_extraction.engines.layout import kind as kinds
from invoice_extraction.engines.layout.accounts import Accounts
from invoice_extraction.engines.layout.candidates import Amount, Layout, layout
from invoice_extraction.engines.layout.kind import Kind, Parts
from invoice_extraction.engines.layout.known import of_seller
from invoice_extraction.engines.layout.lines import Segment
from invoice_extraction.engines.layout.references import Found
from invoice_extraction.errors import NoEngineConfigured
from invoice_extraction.model.document import Document
from invoice_extraction.model.options import Options
from invoice_extraction.model.reading import Doubt, InvoiceReading, Reading, Value

_CLEAR = 0.7
"""The prior of a number that stands beside a label of its own, not beside any "No."."""

_KNOWN = 0.85
"""The prior of what is known of the seller and not printed."""

_MENDED = 0.2
"""What the prior of an item's amount loses where it is not the one printed."""

_PREFIXES = frozenset(
    """AT BE BG CH CY CZ DE DK EE EL ES FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO RS SE SI
    SK""".split()
)
"""What stands for a country before its tax numbers; others begin with letters of the name: "TAPR8001...", "ESKO9..."."""

_TOTALS = frozenset({"gross", "net", "amount_due"})
_CLAIMS = frozenset({"invoice", "credit_note", "debit_note"})
_ALL_DUE = 0.65
"""The prior of a total that is due as a whole, for nothing tells of a payment."""
_LONE = 0.6
"""The prior of a total that is the only sum on a ticket."""
_ADDED_UP = 0.7
"""The prior of a total that no label tells: the items' sum is printed below them."""

_SUMS = {
    "gross": "/totals/gross",
    "net": "/totals/net",
    "tax": "/totals/tax",
    "amount_due": "/totals/amount_due",
    "paid": "/totals/paid",
    "rounding": "/totals/rounding",
}


def read(document: Document, options: Options) -> Reading:
    """Return the one invoice that the words tell; a field of which they say too little is left out.

    Raises:
        NoEngineConfigured: No page has words: this engine sees no pictures.
        OptionError: A hint tells of a field that hints do not know, or a label without a word.
    """
    if not document.has_words:
        raise NoEngineConfigured(
            "The document has no text, and no engine that sees pictures is set up.",
            hint="Set GEMINI_API_KEY (see docs/engines.md), or send a PDF with text.",
        )
    found, known = layout(document, options), None
    if options.hints:
        people = parties.parties(found, tax_numbers.tax_numbers(found))
        known = of_seller(found, options.hints, people)
    if known is not None:
        found = hints.labelled(layout(document, options, known), known)
    values: dict[str, Value] = {}
    if found.language is not None:
        values["/language"] = Value(found.language, found.language, origin="derived", score=0.8)
    kind = kinds.titled(found)
    number = references.number(found, "invoice_number", "invoice_number_weak")
    number = hints.spotted(found, known, "/invoice_number", number)
    _add(values, "/invoice_number", number)
    corrected, corrected_on = None, None
    if kind is not None and kind.name == "credit_note":
        corrected, corrected_on = references.preceding(found)
    issued = references.issue_date(found, number, corrected)
    issued = hints.spotted(found, known, "/issue_date", issued)
    _add(values, "/issue_date", issued)
    if corrected is not None:
        _add(values, "/preceding_invoices/0/invoice_number", corrected)
        _add(values, "/preceding_invoices/0/issue_date", corrected_on)
    until = references.due_date(found, issued)
    _add(values, "/due_date", hints.spotted(found, known, "/due_date", until))
    reference = references.number(found, "buyer_reference")
    order = references.number(found, "purchase_order") or references.order_in(reference)
    order = hints.spotted(found, known, "/purchase_order_reference", order)
    _add(values, "/purchase_order_reference", order)
    _add(values, "/buyer_reference", reference)
    people = parties.parties(found, tax_numbers.tax_numbers(found), known)
    _add(values, "/seller/name", people.seller)
    if known is not None and known.name is not None and people.seller is None:
        values["/seller/name"] = Value(known.name, known.name, origin="derived", score=_KNOWN)
    _add_address(values, "/seller/address", found, people.seller)
    _add(values, "/seller/tax_id", people.seller_tax_id)
    _add(values, "/buyer/name", people.buyer)
    _add_address(values, "/buyer/address", found, people.buyer)
    _add(values, "/buyer/tax_id", people.buyer_tax_id)
    paid = accounts.accounts(found, _country(values))
    for n, (account, code) in enumerate(paid.found):
        _add(values, f"/payment/accounts/{n}/iban", account)
        _add(values, f"/payment/accounts/{n}/bic", code)
    sums = decode.sums(score.sums(found), found.rates)
    for name, chosen in sums.chosen.items():
        values[_SUMS[name]] = _amount(chosen.amount, chosen.score)
    for name, value in sums.derived.items():
        values[_SUMS[name]] = Value(str(value), str(value), origin="derived", score=0.9)
    for n, band in enumerate(sums.bands):
        rate = format(band.rate, "f")
        values[f"/taxes/{n}/rate"] = Value(rate + "%", rate, page=band.tax.segment.page, score=0.85)
        values[f"/taxes/{n}/taxable_amount"] = _amount(band.taxable, 0.85)
        values[f"/taxes/{n}/tax_amount"] = _amount(band.tax, 0.85)
    table = tables.items(found, sums)
    kind = kind or kinds.built(found, _parts(values, number, table))
    if kind is not None:
        values = {"/document_type": _told(kind), **values}
    is_open = sums.chosen.keys() & {"gross", "amount_due"} == {"gross"} and not sums.is_settled
    if kind is not None and kind.name in _CLAIMS and is_open and not payments.is_paid(found):
        due = values[_SUMS["gross"]]
        values[_SUMS["amount_due"]] = replace(due, origin="derived", score=_ALL_DUE)
    if table is not None:
        _add_items(values, table)
        if table.subtotal is not None and not sums.chosen.keys() & _TOTALS:
            values[_SUMS["gross"]] = _amount(table.subtotal, _ADDED_UP)
    elif not sums.chosen:
        only = decode.only(found)
        if only is not None:
            values[_SUMS["gross"]] = _amount(only, _LONE)
    is_sure = table is None or (len(table.rows) > 0 and table.certain)
    unread = () if is_sure else ("/lines",)
    money = currencies.currency(found, _country(values), issued.value if issued else None)
    if money is not None:
        values["/currency"] = money
    elif known is not None and known.currency is not None:
        values["/currency"] = Value(known.currency, known.currency, origin="derived", score=_KNOWN)
    more = several.doubts(document, options, number)
    doubts = (*_doubts(paid), *_derived(values), *_mended(values, found), *more)
    return Reading("layout", (InvoiceReading(values, unread=unread, doubts=doubts),))


def _country(values: dict[str, Value]) -> str | None:
    """Return the seller's country: its tax number's, else its address's; None where neither tells."""
    told = values.get("/seller/tax_id")
    prefix = told.text[:2] if told is not None else ""
    if told is not None and prefix in _PREFIXES and not told.text[:4].isalpha():
        return "GR" if prefix == "EL" else prefix
    address = values.get("/seller/address/country")
    return address.canonical if address is not None else None


def _doubts(paid: Accounts) -> tuple[Doubt, ...]:
    if not paid.unclear:
        return ()
    count = "Two" if len(paid.unclear) == 2 else str(len(paid.unclear))
    return (
        Doubt(
            "account_ambiguous",
            f"{count} different accounts are printed.",
            fields=("/payment/accounts/0/iban",),
            found=", ".join(paid.unclear),
        ),
    )


def _derived(values: dict[str, Value]) -> tuple[Doubt, ...]:
    fields = [p for p, v in values.items() if v.origin == "derived" and p.startswith("/lines/")]
    if not fields:
        return ()
    return (
        Doubt(
            "line_amount_derived",
            "What is printed as an item's amount could not be read: it is quantity times price, and with "
            "it the items lead to the sum.",
            fields=tuple(fields),
        ),
    )


def _mended(values: dict[str, Value], layout: Layout) -> list[Doubt]:
    """Put what check digits prove in the place of identifiers that OCR misread; the print stays beside."""
    if not layout.by_ocr:
        return []
    country = next(iter(layout.countries)) if len(layout.countries) == 1 else _country(values)
    doubts = []
    for pointer, right in misread.proven(values, country).items():
        printed = values[pointer]
        values[pointer] = replace(printed, canonical=right, origin="derived")
        doubts.append(
            Doubt(
                "identifier_repaired",
                "OCR read it with a letter for a digit or the other way round: its check digits are right in "
                "one reading alone.",
                fields=(pointer,),
                expected=right,
                found=printed.text,
            )
        )
    return doubts


def _parts(values: dict[str, Value], number: Found | None, table: tables.Items | None) -> Parts:
    return Parts(
        total="/totals/gross" in values or "/totals/amount_due" in values,
        number=number is not None and number.score >= _CLEAR,
        tax="/totals/tax" in values,
        tax_id="/seller/tax_id" in values,
        items=table is not None and len(table.rows) > 0,
        account="/payment/accounts/0/iban" in values,
        due="/due_date" in values,
        buyer="/buyer/name" in values,
    )


def _add(values: dict[str, Value], pointer: str, found: Found | None) -> None:
    if found is None:
        return
    values[pointer] = Value(
        found.text,
        found.value.isoformat() if found.value is not None else None,
        page=found.segment.page,
        boxes=tuple(
            segment.box(start, end)
            for segment, start, end in ((found.segment, found.start, found.end), *found.more)
        ),
        score=round(found.score, 3),
    )


def _add_address(values: dict[str, Value], place: str, layout: Layout, name: Found | None) -> None:
    found = addresses.address(layout, name) if name is not None else None
    if found is None or name is None:
        return
    prior = name.score - 0.05
    values[f"{place}/text"] = _text(found.pieces, prior, ", ")
    parts = {
        "street": found.street,
        "postal_code": found.code,
        "city": found.city,
        "region": found.region,
    }
    for part, piece in parts.items():
        if piece is not None:
            values[f"{place}/{part}"] = _text((piece,), prior)
    if found.country is not None:
        code, piece = found.country
        values[f"{place}/country"] = replace(_text((piece,), prior), canonical=code)


def _amount(amount: Amount, prior: float) -> Value:
    return Value(
        amount.text,
        format(amount.value, "f"),
        page=amount.segment.page,
        boxes=(amount.segment.box(amount.start, amount.end),),
        score=round(prior, 3),
    )


def _add_items(values: dict[str, Value], table: tables.Items) -> None:
    prior = 0.9 if table.checked else 0.7
    receipt = "/document_type" in values and values["/document_type"].canonical == "receipt"
    gross = table.with_tax is True or (table.with_tax is None and receipt)
    for n, item in enumerate(table.rows):
        line = f"/lines/{n}"
        if item.description:
            values[f"{line}/description"] = _text(item.description, prior - 0.1)
        if item.code is not None:
            values[f"{line}/product_code"] = _text((item.code,), prior - 0.2)
        amount = _amount(item.amount, prior)
        if item.mended:
            amount = replace(amount, origin="derived", score=round(prior - _MENDED, 3))
        sides = ("gross_amount", "net_amount") if gross else ("net_amount", "gross_amount")
        values[f"{line}/{sides[0]}"] = amount
        if item.other is not None:
            values[f"{line}/{sides[1]}"] = _amount(item.other, prior)
        if item.quantity is not None:
            values[f"{line}/quantity"] = _amount(item.quantity, prior)
        if item.unit is not None:
            values[f"{line}/unit"] = _text((item.unit,), prior - 0.1)
        if item.unit_price is not None:
            values[f"{line}/unit_price"] = _amount(item.unit_price, prior)
        if item.discount is not None:
            name = "discount_percent" if "%" in item.discount.text else "discount_amount"
            values[f"{line}/{name}"] = _amount(item.discount, prior)
        if item.tax_rate is not None:
            values[f"{line}/tax_rate"] = _amount(item.tax_rate, prior)
    if table.with_tax is not None and table.rows:
        told = "true" if table.with_tax else "false"
        values["/prices_include_tax"] = Value(told, told, origin="derived", score=prior)
    _add_adjustments(values, table, prior)


def _add_adjustments(values: dict[str, Value], table: tables.Items, prior: float) -> None:
    counts: Counter[str] = Counter()
    for one in table.adjustments:
        if one.kind == "rounding":
            values["/totals/rounding"] = _amount(one.amount, prior)
            continue
        place = f"/{one.kind}s/{counts[one.kind]}"
        counts[one.kind] += 1
        values[f"{place}/amount"] = _amount(one.amount, prior)
        if one.reason is not None:
            values[f"{place}/reason"] = _text((one.reason,), prior - 0.1)
    if table.subtotal is not None and counts and table.with_tax is not True:
        values["/totals/lines_net"] = _amount(table.subtotal, prior)


def _text(pieces: Sequence[tuple[Segment, int, int]], score: float, between: str = " ") -> Value:
    """Return words that may stand on several rows, as one text with a box for each row."""
    return Value(
        between.join(segment.text[start:end].strip(" :") for segment, start, end in pieces),
        page=pieces[0][0].page,
        boxes=tuple(segment.box(start, end) for segment, start, end in pieces),
        score=round(score, 3),
    )


def _told(kind: Kind) -> Value:
    title = kind.title
    if title is None:
        return Value(kind.name, kind.name, origin="derived", score=kind.score)
    return Value(
        title.text,
        kind.name,
        page=title.page,
        boxes=(title.box(0, len(title.text)),),
        score=kind.score,
    )
