"""Formats by name: what kind of file a document becomes. One file and one line make a new one."""

from samples.formats import cii, facturx, pdf, ubl
from samples.formats.base import Sample, Write

FORMATS: dict[str, Write] = {
    "pdf": pdf.write,
    "facturx": facturx.write,
    "cii": cii.write,
    "ubl": ubl.write,
}

E_INVOICES = frozenset({"facturx", "cii", "ubl"})
"""Formats that need what EN 16931 asks of an invoice: a seller with a VAT id, no till receipt."""

__all__ = ["E_INVOICES", "FORMATS", "Sample", "Write"]
