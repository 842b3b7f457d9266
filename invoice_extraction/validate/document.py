"""What kind of document it is."""

from invoice_extraction.model.extraction import Check, ExtractedInvoice
from invoice_extraction.model.invoice import INVOICE_TYPES
from invoice_extraction.validate.base import Context, not_applicable

_INSTEAD = {
    "statement": "The document is no invoice but a statement of account.",
    "reminder": "The document is no invoice but a reminder.",
    "purchase_order": "The document is no invoice but a purchase order.",
}


def is_invoice(invoice: ExtractedInvoice, context: Context) -> list[Check]:
    """Check that the document is an invoice, a credit note or a receipt."""
    rule, kind = "not_an_invoice", invoice.result.document_type
    if kind is None:
        return not_applicable(rule, "The kind of document is not known.")
    right = kind in INVOICE_TYPES
    return [
        Check(
            id=rule,
            status="pass" if right else "fail",
            fields=["/document_type"],
            found=kind,
            message="The document is an invoice, a credit note or a receipt."
            if right
            else _INSTEAD.get(kind, "The document is no invoice."),
        )
    ]
