"""A file with several invoices: one is read, and the others are told."""

from dataclasses import replace

from invoice_extraction.engines.layout.engine import read
from invoice_extraction.model.document import Document
from invoice_extraction.model.options import Options
from invoice_extraction.model.reading import Doubt
from invoice_extraction.normalise import normalise
from tests.engines.layout.paper import Line, column, document


def bill(number: str, total: str = "84.00", *more: str) -> list[Line]:
    """Return what an invoice of one page says."""
    return column(
        (
            "Thistledown Looms Ltd",
            "Invoice",
            f"Invoice number: {number}",
            "Invoice date: 14 May 2026",
            *more,
            f"Total GBP {total}",
        )
    )


def bound(*pages: list[Line]) -> Document:
    """Return a document of these pages."""
    sheets = [document(*lines).pages[0] for lines in pages]
    return replace(
        document(*pages[0]),
        pages=tuple(replace(sheet, number=n) for n, sheet in enumerate(sheets, 1)),
    )


def told(*pages: list[Line]) -> Doubt | None:
    """Return what the engine says of other invoices in the file."""
    (invoice,) = read(bound(*pages), Options()).invoices
    return next((doubt for doubt in invoice.doubts if doubt.id == "several_invoices"), None)


def test_an_invoice_on_another_page_is_told_with_its_number() -> None:
    doubt = told(bill("TL-4410"), bill("TL-4411", "19.50"), bill("TL-4412", "7.25"))
    assert doubt is not None
    assert doubt.expected == "TL-4410"
    assert doubt.found == "TL-4411, TL-4412"
    assert doubt.message.startswith("Page 2, 3 shows another invoice")


def test_the_pages_of_one_invoice_are_no_others() -> None:
    assert told(bill("TL-4410"), bill("TL-4410")) is None
    assert told(bill("TL-4410"), column(("Terms", "Looms stay ours until they are paid."))) is None


def test_a_number_without_a_total_is_no_other_invoice() -> None:
    delivered = column(("Thistledown Looms Ltd", "Invoice number: TL-4377", "2 heddles, returned"))
    assert told(bill("TL-4410"), delivered) is None


def test_an_invoice_that_lists_the_one_behind_it_is_not_doubted() -> None:
    summed = bill("TL-4410", "103.50", "Sums up TL-4411 of last week")
    assert told(summed, bill("TL-4411", "19.50")) is None


def test_it_fails_a_check() -> None:
    pages = bound(bill("TL-4410"), bill("TL-4411", "19.50"))
    (invoice,) = normalise(read(pages, Options()), pages, Options())
    assert [check.id for check in invoice.checks if check.status == "fail"] == ["several_invoices"]
