"""What is on a sheet: every value of the invoice, in letters that people can read."""

from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image

from invoice_extraction.errors import NotAnInvoice, OptionError
from invoice_extraction.export import FORMATS, Entry
from invoice_extraction.extract import extract
from invoice_extraction.model.extraction import ExtractedInvoice, Extraction
from invoice_extraction.model.invoice import Invoice
from invoice_extraction.model.options import Limits, Options
from invoice_extraction.sandbox.client import Readers
from invoice_extraction.sheet import draw
from invoice_extraction.sheet.pen import MARGIN, WIDTH
from tests.intake.test_p7m import signed
from tests.servers import ROOT

SAMPLES = sorted((ROOT / "tests" / "data" / "einvoice").glob("*.xml"))
UBL = ROOT / "samples" / "files" / "invoice-ubl.xml"


def texts(pdf: bytes) -> list[str]:
    """Return the text of each page, without the space that lines are broken at."""
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [page.get_textpage().get_text_bounded() for page in document]
    return ["".join(text.replace("\ufffe", "").split()) for text in pages]


def an_invoice(**fields: Any) -> ExtractedInvoice:
    return ExtractedInvoice(result=Invoice.model_validate(fields))


def values(value: Any) -> Iterator[str]:
    """Yield each value as it is drawn."""
    if isinstance(value, dict):
        for name, below in value.items():
            if name not in ("schema_version", "document_type", "prices_include_tax"):
                yield from values(below)
    elif isinstance(value, list):
        for below in value:
            yield from values(below)
    elif value is not None:
        yield "".join(str(value).split())


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_value_of_an_e_invoice_is_on_its_sheet(path: Path) -> None:
    found = extract(path, Options())
    drawn = "".join(texts(draw(found.invoices, found.syntax, 50)))
    assert "□" not in drawn
    for invoice in found.invoices:
        for value in values(invoice.result.model_dump(mode="json")):
            assert value in drawn
        for left in invoice.unmapped:
            assert "".join(left.value.split()) in drawn


def test_a_credit_note_says_so() -> None:
    [page] = texts(draw([an_invoice(document_type="credit_note", invoice_number="G-1")], None, 50))
    assert page.startswith("CreditnoteG-1")


@pytest.mark.parametrize(
    "name", ["Παράδειγμα Ανώνυμη Εταιρεία", "ООД „Пример“ Київ Ђорђе", "Łódź Žižkov Őrség İğdır ß"]
)
def test_latin_greek_and_cyrillic_are_drawn(name: str) -> None:
    [page] = texts(draw([an_invoice(seller={"name": name})], "ubl", 50))
    assert "".join(name.split()) in page
    assert "cannotbedrawn" not in page


@pytest.mark.parametrize("name", ["شركة المثال", "דוגמה", "設計サービス", "बिल"])
def test_letters_that_are_not_drawn_are_marked_and_told(name: str) -> None:
    [page] = texts(draw([an_invoice(seller={"name": f"{name} Ltd"})], "ubl", 50))
    assert "□" in page
    assert "Ltd" in page
    assert "cannotbedrawn" in page


def test_the_same_invoice_gives_the_same_bytes() -> None:
    invoices = extract(UBL, Options()).invoices
    assert draw(invoices, "ubl", 50) == draw(invoices, "ubl", 50)


def test_each_invoice_of_a_file_begins_a_page() -> None:
    pages = texts(draw([an_invoice(invoice_number=f"N{n}") for n in range(3)], "fatturapa", 50))
    assert [page[:10] for page in pages] == ["DocumentN0", "DocumentN1", "DocumentN2"]


def test_two_hundred_lines_are_all_drawn_under_a_head_on_each_page() -> None:
    lines = [
        {"id": f"L{n}", "description": f"Item {n}", "net_amount": f"{n}.25"} for n in range(200)
    ]
    invoice = an_invoice(lines=lines, totals={"gross": Decimal("12345.67")})
    pages = texts(draw([invoice], "ubl", 50))
    drawn = "".join(pages)
    assert all(f"L{n}Item{n}{n}.25" in drawn for n in range(200))
    assert len(pages) > 3
    assert all(page.startswith("DescriptionQuantityPriceTaxAmount") for page in pages[1:])


def test_of_very_many_lines_the_totals_are_still_drawn() -> None:
    lines = [{"id": str(n), "description": f"Item {n}"} for n in range(5_000)]
    invoice = an_invoice(lines=lines, totals={"gross": Decimal("12345.67")})
    pages = texts(draw([invoice], "ubl", 10))
    assert len(pages) <= 10
    assert "morelines" in "".join(pages)
    assert "12345.67" in pages[-1]


def test_more_invoices_than_pages_are_said_to_be_left_out() -> None:
    pages = texts(draw([an_invoice(invoice_number=f"N{n}") for n in range(9)], "fatturapa", 4))
    assert len(pages) == 4
    assert "Thereismorethanisdrawnhere" in pages[-1]
    assert "Thereismorethanisdrawnhere" not in pages[0]


def test_a_word_without_end_stays_on_the_page() -> None:
    invoice = an_invoice(seller={"name": "W" * 9_000}, lines=[{"description": "M" * 9_000}])
    with pypdfium2.PdfDocument(draw([invoice], "ubl", 50)) as document:
        for page in document:
            text = page.get_textpage()
            for number in range(text.count_chars()):
                left, _, right, _ = text.get_charbox(number)
                assert left >= MARGIN - 1
                assert right <= WIDTH - MARGIN + 1


def test_the_export_is_the_sheet() -> None:
    found = extract(UBL, Options())
    assert FORMATS["pdf"].write(Entry.of(found)).startswith(b"%PDF-")
    empty = Extraction(media_type="application/xml", engine="einvoice", invoices=[])
    assert FORMATS["pdf"].write(Entry.of(empty)).startswith(b"%PDF-")


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    with Readers(1) as pool:
        yield pool


def test_an_xml_has_pictures_of_its_sheet(readers: Readers) -> None:
    shown = readers.sheet(UBL.read_bytes(), 1, 640, Limits())
    picture = Image.open(BytesIO(shown.picture))
    assert (picture.format, picture.size, shown.pages) == ("WEBP", (640, 906), 1)
    with pytest.raises(OptionError, match="no page 2"):
        readers.sheet(UBL.read_bytes(), 2, 640, Limits())


def test_a_signed_xml_has_pictures_too(readers: Readers) -> None:
    data = signed((ROOT / "tests/data/einvoice/fatturapa_full.xml").read_bytes())
    shown = readers.sheet(data, 2, 320, Limits())
    assert shown.picture[8:12] == b"WEBP"
    assert shown.pages > 2


def test_what_is_no_invoice_has_no_sheet(readers: Readers) -> None:
    order = b'<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"/>'
    with pytest.raises(NotAnInvoice):
        readers.sheet(order, 1, 320, Limits())
