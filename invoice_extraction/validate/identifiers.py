"""Identifiers of articles."""

from stdnum import ean

from invoice_extraction.model.extraction import Check, ExtractedInvoice
from invoice_extraction.validate.base import Context, Finding, checks_of


def gtins(invoice: ExtractedInvoice, context: Context) -> list[Check]:
    """Check each GTIN's check digit (GS1 General Specifications, 7.9)."""
    findings = [
        Finding(
            f"/lines/{n}/gtin",
            ean.is_valid(line.gtin),
            f"Line {n + 1}: the GTIN {line.gtin} has a wrong check digit.",
            line.gtin,
        )
        for n, line in enumerate(invoice.result.lines)
        if line.gtin
    ]
    return checks_of(
        "gtin_check_digit",
        findings,
        passed="The GTINs' check digits are right.",
        nothing="There is no GTIN.",
    )
