"""File types: `READERS` maps a media type to the module whose `read` opens it.

Modules are named, not imported: the API process sniffs types and never loads a reader.
"""

from importlib import import_module

from invoice_extraction.errors import EmptyFile, FileTooLarge
from invoice_extraction.intake.sniff import COMBINED, SIGNED, media_type
from invoice_extraction.intake.unsupported import refusal
from invoice_extraction.model.document import Document
from invoice_extraction.model.options import Options

__all__ = ["COMBINED", "PAGELESS", "READERS", "media_type", "open_document", "refusal"]

READERS: dict[str, str] = {
    "application/pdf": "invoice_extraction.intake.pdf",
    "application/xml": "invoice_extraction.intake.xml",
    "image/png": "invoice_extraction.intake.image",
    "image/jpeg": "invoice_extraction.intake.image",
    "image/webp": "invoice_extraction.intake.image",
    "image/tiff": "invoice_extraction.intake.image",
    "image/heic": "invoice_extraction.intake.image",
    "image/gif": "invoice_extraction.intake.image",
    "image/bmp": "invoice_extraction.intake.image",
    COMBINED: "invoice_extraction.intake.pictures",
    SIGNED: "invoice_extraction.intake.p7m",
}

PAGELESS = frozenset({"application/xml", SIGNED})
"""The types that have no pages of their own; a sheet is drawn for people instead."""


def open_document(data: bytes, options: Options) -> Document:
    """Open a file by its content, whatever its name says.

    Raises:
        DocumentError: It is empty, too large, of an unknown type, locked or damaged.
    """
    if not data:
        raise EmptyFile("The file holds no bytes.")
    kind = media_type(data)
    limits = options.limits
    limit = limits.max_combined if kind == COMBINED else limits.max_bytes
    if len(data) > limit:
        raise FileTooLarge(f"The file has {len(data):,} bytes; the limit is {limit:,}.")
    if kind not in READERS:
        raise refusal(kind)
    document: Document = import_module(READERS[kind]).read(data, options)
    return document
