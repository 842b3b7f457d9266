"""What is no invoice is told in a sentence of its own, which the page can translate."""

from typing import get_args

import pytest

from app.sentences import SENTENCES
from invoice_extraction.model.extraction import ExtractedInvoice
from invoice_extraction.model.invoice import INVOICE_TYPES, DocumentType, Invoice
from invoice_extraction.validate import RULES, Context


@pytest.mark.parametrize("kind", sorted(set(get_args(DocumentType)) - INVOICE_TYPES))
def test_each_kind_that_is_no_invoice_is_told_in_words(kind: DocumentType) -> None:
    read = ExtractedInvoice(result=Invoice(document_type=kind), evidence={})
    (check,) = RULES["not_an_invoice"](read, Context())
    assert check.status == "fail"
    assert check.message in SENTENCES
