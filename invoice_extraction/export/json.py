"""The extraction as JSON."""

from invoice_extraction.model.extraction import Extraction


def write(extraction: Extraction) -> bytes:
    """Return UTF-8 JSON, indented, with a newline at its end."""
    return extraction.model_dump_json(indent=2).encode() + b"\n"
