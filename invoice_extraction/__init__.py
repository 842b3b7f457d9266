"""Read invoices, credit notes and receipts into one exact, checked invoice that proves its values.

>>> from invoice_extraction import extract
>>> invoice = extract("invoice.pdf").invoices[0]
>>> invoice.result.totals.gross, invoice.evidence["/totals/gross"].page
"""

from invoice_extraction.errors import ExtractionError
from invoice_extraction.extract import extract
from invoice_extraction.intake.combined import combine
from invoice_extraction.model.document import Document
from invoice_extraction.model.extraction import Extraction
from invoice_extraction.model.invoice import Invoice
from invoice_extraction.model.options import Limits, ModelOptions, Options

__all__ = [
    "Document",
    "Extraction",
    "ExtractionError",
    "Invoice",
    "Limits",
    "ModelOptions",
    "Options",
    "combine",
    "extract",
]
