"""The extraction as a sheet for people: PDF."""

from invoice_extraction import sheet
from invoice_extraction.export.base import Entry
from invoice_extraction.model.extraction import Extraction

_PAGES = 1_000
"""More than any invoice has; a batch of thousands is cut, and says so."""


def write(entry: Entry) -> bytes:
    """Return a PDF with each invoice on pages of its own."""
    extraction = Extraction.model_validate_json(entry.extraction)
    return sheet.draw(extraction.invoices, extraction.syntax, _PAGES)
