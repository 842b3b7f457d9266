"""Sheets: an invoice drawn as PDF pages for people, from the values alone.

An e-invoice that is XML has no page of its own; whatever its syntax, its sheet is drawn from the
canonical invoice, so that a person sees what was read. Every value of it is on the sheet, and what the
invoice has no field for, too.
"""

from collections.abc import Sequence

from invoice_extraction.model.extraction import ExtractedInvoice

__all__ = ["draw"]


def draw(invoices: Sequence[ExtractedInvoice], syntax: str | None, pages: int) -> bytes:
    """Return a PDF in A4 with the invoices one after another, each on new pages, at most `pages`.

    Of very many lines the first are drawn, and how many more there are is said; a very long text ends in
    "…". The same invoices give the same bytes. Letters that the font does not have, and scripts that
    are written from right to left, are drawn as □, and the sheet says so.
    """
    from invoice_extraction.sheet.content import write
    from invoice_extraction.sheet.pen import Full, Pen

    pen = Pen(f"E-invoice ({syntax})" if syntax else "Invoice", pages)
    try:
        for place, invoice in enumerate(invoices):
            if place:
                pen.turn()
            write(pen, invoice)
    except Full:
        pass  # the last page says so
    return pen.finished()
