"""What a corrected invoice teaches of its seller, as hints for the next ones."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

from invoice_extraction.engines.layout import engine
from invoice_extraction.engines.layout.candidates import Layout, layout
from invoice_extraction.engines.layout.hints import DATES, FIELDS, SPOTTED
from invoice_extraction.engines.layout.lines import Segment
from invoice_extraction.errors import ExtractionError
from invoice_extraction.model.document import Box, Document
from invoice_extraction.model.extraction import ExtractedInvoice
from invoice_extraction.model.hints import SellerHints, Spot
from invoice_extraction.model.invoice import Invoice
from invoice_extraction.model.options import Options
from invoice_extraction.normalise import currency, dates, normalise
from invoice_extraction.normalise.dates import DateOrder
from invoice_extraction.normalise.locate import Index

_FEW_LETTERS = 3
_FAR = 260.0
"""Points between a label and its value at most, where nothing stands between."""


def learn(invoice: ExtractedInvoice, document: Document) -> SellerHints:
    """Return what a corrected invoice teaches of its seller.

    `document` is the one that was read, with its words, those of OCR too; it is read again. What the engine
    reads right by itself, and a value that stands on no page, teach nothing beside who the seller is;
    nor does a document without words.
    """
    result = invoice.result
    payment = result.payment
    seller = SellerHints(
        name=result.seller.name if result.seller else None,
        tax_ids=(result.seller.tax_id,) if result.seller and result.seller.tax_id else (),
        ibans=tuple(a.iban for a in payment.accounts if a.iban) if payment else (),
        currency=result.currency,
    )
    if not document.has_words:
        return seller
    found = layout(document, Options())
    read_now = _read(document)
    labels: dict[str, tuple[str, ...]] = {}
    spots: dict[str, tuple[Spot, ...]] = {}
    order = found.order
    for pointer in FIELDS:
        if read_now is not None and _value(read_now, pointer) == _value(result, pointer):
            continue
        place = _place(invoice, document, found, pointer)
        if place is None:
            continue
        number, box = place
        segment = _segment(found, number, box)
        if segment is None:
            continue
        if pointer in DATES:
            order = order or _order(found, segment, _value(result, pointer))
        label = _label(found, segment, box)
        if label is not None:
            labels[pointer] = (label,)
        if pointer in SPOTTED:
            page = next(p for p in document.pages if p.number == number)
            spots[pointer] = (
                Spot(number, round(box[0] / page.width, 4), round(box[1] / page.height, 4)),
            )
    return replace(seller, labels=labels, spots=spots, number_style=found.style, date_order=order)


def _read(document: Document) -> Invoice | None:
    """Return what the engine reads by itself, None where it cannot."""
    try:
        read = engine.read(document, Options())
    except ExtractionError:
        return None
    return normalise(read, document, Options())[0].result


def _place(
    invoice: ExtractedInvoice, document: Document, found: Layout, pointer: str
) -> tuple[int, Box] | None:
    """Return the page and the first box of a value, looked for where a person's value has none."""
    proof = invoice.evidence.get(pointer)
    value = _value(invoice.result, pointer)
    if value is None:
        return None
    if proof is not None and proof.boxes and proof.page is not None:
        page = next((p for p in document.pages if p.number == proof.page), None)
        if page is not None:
            x0, y0, x1, y1 = proof.boxes[0]
            return page.number, (
                x0 * page.width,
                y0 * page.height,
                x1 * page.width,
                y1 * page.height,
            )
    known = value if isinstance(value, Decimal | date) else None
    # A date that could be two is told by what it is.
    orders: tuple[DateOrder, ...] = (found.order, "dmy", "mdy") if pointer in DATES else (None,)
    for order in orders:
        index = Index(document.pages, found.style, order, found.language)
        last = pointer.startswith("/totals/")
        place = index.find(str(value), value=known, match="exact" if known else "whole", last=last)
        if place is not None:
            return place.page, place.boxes[0]
    return None


def _value(result: Invoice, pointer: str) -> object:
    value: object = result
    for name in pointer[1:].split("/"):
        value = getattr(value, name, None)
    return value


def _segment(found: Layout, page: int, box: Box) -> Segment | None:
    middle = (box[1] + box[3]) / 2
    for row in found.rows:
        for segment in row if row[0].page == page else ():
            if segment.top <= middle <= segment.bottom and segment.x0 <= box[0] + 2 < segment.x1:
                return segment
    return None


def _label(found: Layout, segment: Segment, box: Box) -> str | None:
    """Return the words beside a value: before it in its segment, left of it, or above it."""
    start = next((n for n in segment.starts if segment.box(n, n + 1)[0] >= box[0] - 2), 0)
    before = _phrase(segment.text[:start])
    if start:
        return before
    left = [s for s in found.row_of(segment) if s.x1 <= segment.x0]
    beside = left[-1:] if left and segment.x0 - left[-1].x1 < _FAR else []
    above = [s for s in found.above(segment) if s.x0 <= segment.x1 and s.x1 >= segment.x0]
    for other in (*beside, *above):
        phrase = _phrase(other.text)
        if phrase is not None:
            return phrase
    return None


def _phrase(text: str) -> str | None:
    """Return the last words of a text without digits; None where too little is left to be a label."""
    words = re.split(r"\S*\d\S*", text)[-1].strip(" :.,#-–()/")
    if sum(map(str.isalpha, words)) < _FEW_LETTERS or currency.parse(words) is not None:
        return None
    return words


def _order(found: Layout, segment: Segment, value: object) -> DateOrder:
    """Return which comes first in a printed date that could be read either way, by what it is; else None."""
    for day in found.days:
        if day.segment is segment:
            readings = dates.readings(day.text, found.language)
            if len(readings) == 2 and value in readings:
                return "dmy" if value == readings[0] else "mdy"
    return None
