"""Export formats: `FORMATS` maps a name to the function that writes it."""

from collections.abc import Callable

from invoice_extraction.export import json, pdf
from invoice_extraction.model.extraction import Extraction

__all__ = ["FORMATS"]

FORMATS: dict[str, Callable[[Extraction], bytes]] = {
    "json": json.write,
    "pdf": pdf.write,
}
