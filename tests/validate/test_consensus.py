"""Where two engines read the same, and where not."""

from typing import Any

import pytest

from invoice_extraction.model.extraction import Evidence, ExtractedInvoice
from invoice_extraction.model.invoice import Invoice
from invoice_extraction.validate.consensus import agreed


def read(pointer: str, fields: dict[str, Any]) -> ExtractedInvoice:
    evidence = {pointer: Evidence(origin="text", confidence=0.5, level="low")}
    return ExtractedInvoice(result=Invoice.model_validate(fields), evidence=evidence)


@pytest.mark.parametrize(
    ("fields", "other", "pointer"),
    [
        ({"invoice_number": "R-2026-17"}, {"invoice_number": "2026-17"}, "/invoice_number"),
        ({"seller": {"tax_id": "DE123456789"}}, {"seller": {"tax_id": "E1234"}}, "/seller/tax_id"),
        (
            {"purchase_order_reference": "PO-45001"},
            {"purchase_order_reference": "PO-4500"},
            "/purchase_order_reference",
        ),
    ],
)
def test_a_shortened_identifier_is_another_one(
    fields: dict[str, Any], other: dict[str, Any], pointer: str
) -> None:
    (told,) = agreed([read(pointer, fields)], [read(pointer, other)], threshold=0.8)
    assert [check.status for check in told.checks if check.fields == [pointer]] == ["fail"]


@pytest.mark.parametrize("role", ["seller", "buyer"])
def test_a_name_may_be_read_with_more_around_it(role: str) -> None:
    pointer = f"/{role}/name"
    one, two = ({role: {"name": name}} for name in ("Probe", "Probe GmbH"))
    (told,) = agreed([read(pointer, one)], [read(pointer, two)], threshold=0.8)
    assert [check.status for check in told.checks] == ["pass"]
