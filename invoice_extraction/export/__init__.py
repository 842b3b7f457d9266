"""Export formats: `FORMATS` maps a name to what writes it."""

from invoice_extraction.export import csv, json, pdf, xlsx
from invoice_extraction.export.base import Entry, Format

__all__ = ["FORMATS", "Entry", "Format"]

FORMATS: dict[str, Format] = {
    "json": Format(
        media_type="application/json", extension="json", one=json.write, many=json.write_all
    ),
    "csv": Format(media_type="text/csv", extension="csv", many=csv.write_invoices),
    "lines": Format(media_type="text/csv", extension="lines.csv", many=csv.write_lines),
    "xlsx": Format(media_type=xlsx.MEDIA_TYPE, extension="xlsx", many=xlsx.write),
    "pdf": Format(media_type="application/pdf", extension="pdf", one=pdf.write),
}
