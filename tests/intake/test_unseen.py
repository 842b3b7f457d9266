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


def in_mode(mode: int) -> Draw:
    def draw(canvas: Canvas) -> None:
        text = canvas.beginText(50, 100)
        text.setTextRenderMode(mode)
        text.setFillGray(1)
        text.setStrokeGray(1)
        text.textLine("Secret 1.00")
        canvas.drawText(text)

    return draw


def clipped_away(canvas: Canvas) -> None:
    window = canvas.beginPath()
    window.rect(0, 0, 1, 1)
    canvas.clipPath(window, stroke=0)
    canvas.drawString(50, 100, "Secret 1.00")


def clipped_by_a_form(canvas: Canvas) -> None:
    canvas.beginForm("F", 0, 0, 1, 1)
    canvas.setFont("Helvetica", 12)
    canvas.drawString(50, 100, "Secret 1.00")
    canvas.endForm()
    canvas.doForm("F")


def through_letters(canvas: Canvas) -> None:
    text = canvas.beginText(50, 50)
    text.setTextRenderMode(7)
    text.textLine("x")
    text.setTextRenderMode(0)
    canvas.drawText(text)
    canvas.drawString(50, 100, "Secret 1.00")


MODES = [in_mode(mode) for mode in range(8)]


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


@pytest.mark.parametrize("draw", [*MODES, clipped_away, clipped_by_a_form])
def test_words_are_not_read_in_any_way_that_shows_none_of_them(draw: Draw) -> None:
    document = opened(draw)
    assert "Secret" not in texts(document)
    assert document.pages[0].hidden == "Secret 1.00"


def test_words_that_only_other_letters_let_through_are_not_read() -> None:
    assert "Secret" not in texts(opened(through_letters))


def layered(*, off: bool, form: bool) -> bytes:
    out = BytesIO()
    canvas = Canvas(out, pagesize=(400, 300))
    total(canvas)
    canvas.save()
    with pikepdf.open(out) as file:
        page = file.pages[0]
        layer = file.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name="x"))
        state = pikepdf.Dictionary(OFF=[layer] if off else [], Order=[])
        file.Root.OCProperties = pikepdf.Dictionary(OCGs=[layer], D=state)
        (font,) = page.Resources.Font.keys()
        secret = f"BT {font} 12 Tf 50 100 Td (Secret 1.00) Tj ET".encode()
        if form:
            drawn = pikepdf.Stream(
                file,
                secret,
                Type=pikepdf.Name.XObject,
                Subtype=pikepdf.Name.Form,
                BBox=[0, 0, 400, 300],
                Resources=page.Resources,
                OC=layer,
            )
            page.Resources.XObject = pikepdf.Dictionary(F=file.make_indirect(drawn))
            page.contents_add(b"/F Do")
        else:
            page.Resources.Properties = pikepdf.Dictionary(L=layer)
            page.contents_add(b"/OC /L BDC " + secret + b" EMC")
        saved = BytesIO()
        file.save(saved)
    return saved.getvalue()


@pytest.mark.parametrize("form", [False, True])
@pytest.mark.parametrize("off", [False, True])
def test_words_on_a_layer_are_read_where_it_is_shown(*, off: bool, form: bool) -> None:
    document = pdf.read(layered(off=off, form=form), Options())
    assert ("Secret" in texts(document)) is not off
    assert document.pages[0].hidden == ("Secret 1.00" if off else "")


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
