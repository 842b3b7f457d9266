"""PDF with a text layer."""

from invoice_extraction.model.invoice import Invoice
from samples import truth
from samples.formats.base import Sample
from samples.layouts import Layout
from samples.sheet import Sheet
from samples.wording import Wording


def write(invoice: Invoice, layout: Layout, wording: Wording) -> Sample:
    """Return the invoice on paper."""
    sheet = draw(invoice, layout, wording, layout.family)
    return Sample(
        data=sheet.finish(),
        suffix=".pdf",
        medium="born-digital pdf",
        truth=truth.told(invoice, sheet.places.keys() | truth.SAID_BY_PAGE),
        places=sheet.places,
        pages=sheet.page,
    )


def draw(invoice: Invoice, layout: Layout, wording: Wording, family: str) -> Sheet:
    """Return the drawn sheet, not yet finished."""
    sheet = Sheet(layout.paper(invoice), family, title=f"{invoice.invoice_number}")
    layout.draw(sheet, invoice, wording)
    return sheet
