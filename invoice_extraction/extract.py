"""The pipeline: open, read, normalise, validate."""

from pathlib import Path

from invoice_extraction.model.extraction import Extraction
from invoice_extraction.model.options import Options


def extract(source: bytes | str | Path, options: Options | None = None) -> Extraction:
    """Return the invoices of one file, each value with its evidence."""
    raise NotImplementedError
