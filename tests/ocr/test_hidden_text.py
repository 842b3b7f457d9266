"""Text that a scanner's program laid under or over its picture, and text that is printed on one."""

from io import BytesIO
from typing import NoReturn

import pikepdf
import pytest
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from invoice_extraction import ocr
from invoice_extraction.errors import ReaderCrashed
from invoice_extraction.extract import extract
from invoice_extraction.intake import open_document
from invoice_extraction.model.document import Page, Word
from invoice_extraction.model.extraction import Extraction
from invoice_extraction.model.options import Options
from tests.ocr.scans import FILES, a_scan

GUESSED = [
    "Involce no. l2345",
    "Date 1 March 2025",
    "Subtotal 90.00",
    "VAT 20% 18.00",
    "Total GBP 108.00",
]


def a_page(
    *,
    mode: int = 0,
    under: bool = False,
    picture: bool = True,
    footer: bool = False,
    strips: int = 1,
) -> bytes:
    """Return a PDF with a scan and a text layer: invisible (mode 3), or drawn before the scan."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=(595, 842))
    if picture and not under:
        scan, high = a_scan(), 842 / strips
        for n in range(strips):
            step = scan.height / strips
            strip = scan.crop((0, round(n * step), scan.width, round((n + 1) * step)))
            canvas.drawImage(ImageReader(strip), 0, 842 - (n + 1) * high, 595, high)
    for n, line in enumerate(GUESSED * 3):
        text = canvas.beginText(60, 780 - 14 * n)
        text.setTextRenderMode(mode)
        text.textLine(line)
        canvas.drawText(text)
    if picture and under:
        canvas.drawImage(ImageReader(a_scan()), 0, 0, 595, 842)
    if footer:
        canvas.drawString(40, 20, "Scanned with a program")
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def opened(data: bytes) -> Page:
    return open_document(data, Options()).pages[0]


@pytest.mark.parametrize(
    ("scanned", "how"),
    [
        (True, {"mode": 3}),
        (True, {"under": True}),
        (True, {"mode": 3, "footer": True}),
        (False, {}),
        (False, {"picture": False}),
    ],
    ids=str,
)
def test_a_layer_that_is_not_shown_is_told_from_printed_text(scanned: bool, how: dict) -> None:
    page = opened(a_page(**how))
    assert page.words
    assert page.scanned == scanned


def test_a_scan_in_strips_has_a_scanner_s_text() -> None:
    page = opened(a_page(mode=3, strips=10))
    assert page.scanned


def test_text_without_ink_on_a_page_that_is_no_scan_is_not_read() -> None:
    page = opened(a_page(mode=3, picture=False))
    assert not page.words
    assert not page.scanned
    assert "108.00" in page.hidden


@pytest.mark.parametrize("fails", [True, False])
def test_a_scanner_s_text_that_stands_for_a_page_fails_a_check(
    fails: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(raster: object) -> NoReturn:
        raise ReaderCrashed("The process that read the file died of it.")

    if fails:
        monkeypatch.setattr(ocr, "get_backend", lambda: failing)
    else:
        monkeypatch.setattr(ocr, "is_installed", lambda: False)
    answer = extract(a_page(mode=3))
    (read,) = answer.invoices
    assert answer.pages[0].status == "read"
    assert read.evidence["/totals/gross"].origin == "text"
    assert str(read.result.totals.gross) == "108.00"
    assert [check.found for check in read.checks if check.id == "scanner_text"] == ["1"]
    assert read.needs_review
    assert any("a scanner's text" in warning for warning in answer.warnings)


@pytest.mark.parametrize("name", ["invoice-en.pdf", "rechnung-de.pdf", "factur-x-de.pdf"])
def test_no_printed_page_counts_as_scanned(name: str) -> None:
    assert not any(
        page.scanned for page in open_document((FILES / name).read_bytes(), Options()).pages
    )


def test_a_scanned_page_is_read_anew() -> None:
    answer = extract(a_page(mode=3))
    printed = extract(FILES / "credit-note-en.pdf")
    assert answer.invoices[0].result.totals == printed.invoices[0].result.totals
    assert answer.invoices[0].evidence["/totals/gross"].origin == "ocr"


def test_a_layer_in_a_script_that_ocr_does_not_know_stays() -> None:
    greek = Page(1, 595, 842, (Word("Τιμολόγιο", 0, 0, 9, 9), Word("12,50", 9, 0, 9, 9)))
    assert not ocr.knows_script(greek)
    assert ocr.knows_script(Page(1, 595, 842, (Word("Łączna", 0, 0, 9, 9),)))
    assert ocr.knows_script(Page(1, 595, 842))


@pytest.fixture(scope="module")
def upright() -> Extraction:
    """What is read of the scan as it stands."""
    return extract(a_page(mode=3))


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_scan_that_lies_on_its_side_keeps_its_size_and_the_places_of_its_words(
    rotation: int, upright: Extraction
) -> None:
    laid = BytesIO()
    with pikepdf.open(BytesIO(a_page(mode=3))) as document:
        document.pages[0].Rotate = rotation
        document.save(laid)
    turned = extract(laid.getvalue())
    sideways = rotation != 180
    size = (842, 595) if sideways else (595, 842)
    assert (turned.pages[0].width, turned.pages[0].height) == size
    ((x0, y0, x1, y1),) = upright.invoices[0].evidence["/totals/gross"].boxes
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    expected = {90: (1 - y, x), 180: (1 - x, 1 - y), 270: (y, 1 - x)}[rotation]
    ((x0, y0, x1, y1),) = turned.invoices[0].evidence["/totals/gross"].boxes
    assert ((x0 + x1) / 2, (y0 + y1) / 2) == pytest.approx(expected, abs=0.01)
