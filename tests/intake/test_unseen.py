"""Words that are drawn so that nobody sees them are not read, but kept apart."""

from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from invoice_extraction.intake import pdf
from invoice_extraction.model.document import Document
from invoice_extraction.model.options import Options

Draw = Callable[[Canvas], None]


def opened(*draws: Draw, rotation: int = 0) -> Document:
    out = BytesIO()
    canvas = Canvas(out, pagesize=(400, 300))
    canvas.setPageRotation(rotation)
    for draw in (total, *draws):
        canvas.saveState()
        canvas.setFont("Helvetica", 12)
        draw(canvas)
        canvas.restoreState()
    canvas.save()
    return pdf.read(out.getvalue(), Options())


def texts(document: Document) -> list[str]:
    return [word.text for word in document.pages[0].words]


def total(canvas: Canvas) -> None:
    canvas.drawString(50, 200, "Total due by the end of the month 12.50")


def without_ink(canvas: Canvas) -> None:
    text = canvas.beginText(50, 100)
    text.setTextRenderMode(3)
    text.textLine("Secret 1.00")
    canvas.drawText(text)


def white(canvas: Canvas) -> None:
    canvas.setFillGray(0.99)
    canvas.drawString(50, 100, "Secret 1.00")


def clear(canvas: Canvas) -> None:
    canvas.setFillAlpha(0.02)
    canvas.drawString(50, 100, "Secret 1.00")


def tiny(canvas: Canvas) -> None:
    canvas.setFont("Helvetica", 0.5)
    canvas.drawString(50, 100, "Secret 1.00")


def off_the_page(canvas: Canvas) -> None:
    canvas.drawString(50, -100, "Secret 1.00")


def white_on_white(canvas: Canvas) -> None:
    canvas.setFillGray(1)
    canvas.rect(40, 90, 200, 40, stroke=0, fill=1)
    canvas.drawString(50, 100, "Secret 1.00")


@pytest.mark.parametrize("draw", [without_ink, white, clear, tiny, off_the_page, white_on_white])
@pytest.mark.parametrize("rotation", [0, 90])
def test_words_that_nobody_sees_are_not_read_and_that_is_told(draw: Draw, rotation: int) -> None:
    document = opened(draw, rotation=rotation)
    page = document.pages[0]
    assert texts(document)[-1] == "12.50"
    assert "Secret" not in texts(document)
    if draw is not off_the_page:  # which PDFium leaves out itself
        assert page.hidden == "Secret 1.00"
        assert document.notes == ("Of page 1, 2 words that nobody sees there were not read.",)


def dark_ground(canvas: Canvas) -> None:
    canvas.setFillGray(0.2)
    canvas.rect(40, 90, 200, 40, stroke=0, fill=1)
    canvas.setFillGray(1)
    canvas.drawString(50, 100, "Secret 1.00")


def dark_picture(canvas: Canvas) -> None:
    canvas.drawImage(ImageReader(Image.new("RGB", (9, 9), (0, 0, 90))), 40, 90, 200, 40)
    canvas.setFillGray(1)
    canvas.drawString(50, 100, "Secret 1.00")


def pale(canvas: Canvas) -> None:
    canvas.setFillGray(0.7)
    canvas.drawString(50, 100, "Secret 1.00")


def small(canvas: Canvas) -> None:
    canvas.setFont("Helvetica", 3)
    canvas.drawString(50, 100, "Secret 1.00")


@pytest.mark.parametrize("draw", [dark_ground, dark_picture, pale, small])
@pytest.mark.parametrize("rotation", [0, 90])
def test_what_can_be_seen_is_read(draw: Draw, rotation: int) -> None:
    document = opened(draw, rotation=rotation)
    assert {"Secret", "1.00"} <= set(texts(document))
    assert not document.pages[0].hidden
    assert not document.notes


def test_what_a_note_says_is_not_printed() -> None:
    out = BytesIO()
    canvas = Canvas(out, pagesize=(400, 300))
    total(canvas)
    canvas.textAnnotation("Total is 1.00", Rect=[10, 10, 30, 30])
    canvas.save()
    document = pdf.read(out.getvalue(), Options())
    assert document.pages[0].hidden == "Total is 1.00"
    assert "1.00" not in texts(document)


def test_what_a_scanner_s_program_wrote_under_its_picture_is_kept() -> None:
    def picture(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(Image.new("L", (40, 30), 255)), 0, 0, 400, 300)

    out = BytesIO()
    canvas = Canvas(out, pagesize=(400, 300))
    picture(canvas)
    without_ink(canvas)
    canvas.save()
    (page,) = pdf.read(out.getvalue(), Options()).pages
    assert page.scanned
    assert [word.text for word in page.words] == ["Secret", "1.00"]
    assert not page.hidden


def test_a_page_that_shows_nothing_else_is_blank() -> None:
    out = BytesIO()
    canvas = Canvas(out, pagesize=(400, 300))
    total(canvas)
    canvas.showPage()
    white(canvas)
    canvas.save()
    pages = pdf.read(out.getvalue(), Options()).pages
    assert not pages[1].words
    assert pages[1].hidden == "Secret 1.00"


def test_a_huge_page_is_drawn_in_few_pixels() -> None:
    out = BytesIO()
    canvas = Canvas(out, pagesize=(14_000, 14_000))
    canvas.setFont("Helvetica", 200)
    canvas.setFillGray(1)
    canvas.drawString(500, 1000, "Secret 1.00")
    canvas.save()
    with pikepdf.open(BytesIO(out.getvalue())) as checked:
        assert len(checked.pages) == 1
    (page,) = pdf.read(out.getvalue(), Options()).pages
    assert page.hidden == "Secret 1.00"
