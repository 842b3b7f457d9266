"""An extraction with something in every field that has a column."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import get_args, get_origin

import pytest
from pydantic import BaseModel

from invoice_extraction.export import Entry
from invoice_extraction.export.tables import bare
from invoice_extraction.model.extraction import Check, ExtractedInvoice, Extraction
from invoice_extraction.model.invoice import Invoice

_CONSTRAINED = {"document_type": "invoice", "schema_version": "1.0", "issue_time": "09:30"}


def filled(model: type[BaseModel]) -> BaseModel:
    """Return the model with every field set, each list with two items."""
    values = {}
    for name, field in model.model_fields.items():
        kind = bare(field.annotation)
        if name in _CONSTRAINED:
            values[name] = _CONSTRAINED[name]
        elif isinstance(kind, type) and issubclass(kind, BaseModel):
            values[name] = filled(kind)
        elif get_origin(kind) is list:
            (item,) = get_args(kind)
            values[name] = [f"{name} 1", f"{name} 2"] if item is str else [filled(item)] * 2
        elif get_origin(kind) is dict:
            values[name] = {"own": 1}
        elif kind is Decimal:
            values[name] = Decimal("-1234.50")
        elif kind is date:
            values[name] = date(2026, 1, 31)
        elif kind is bool:
            values[name] = True
        elif "currency" in name or name == "country":
            values[name] = "EUR" if "currency" in name else "DE"
        else:
            values[name] = f"a {name}"
    return model.model_validate(values)


@pytest.fixture
def extraction() -> Extraction:
    checks = [
        Check(
            id="BR-CO-15", status="fail", fields=["/totals/gross"], message="It does not add up."
        ),
        Check(id="dates", status="pass", message="They are plausible."),
        Check(id="gtin", status="not_applicable", message="There is none."),
    ]
    invoice = ExtractedInvoice(result=filled(Invoice), checks=checks, needs_review=True)
    return Extraction(
        media_type="application/pdf",
        engine="layout",
        invoices=[invoice, ExtractedInvoice(result=Invoice())],
    )


@pytest.fixture
def entry(extraction) -> Entry:
    return Entry(
        extraction=extraction.model_dump_json(),
        filename="Rechnung März.pdf",
        task_id="0" * 31 + "1",
        reference="PO-7",
        received_at=datetime(2026, 1, 31, 9, 30, tzinfo=UTC),
    )
