"""Words that lie under something else are not read."""

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

WIDTH, HEIGHT = 400.0, 300.0

Draw = Callable[[Canvas], None]


def opened(*draws: Draw) -> Document:
    return pdf.read(made(*draws), Options())


def made(*draws: Draw) -> bytes:
    """Return a PDF of one page, on which everything is drawn in turn."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=(WIDTH, HEIGHT))
    for draw in draws:
        canvas.saveState()
        canvas.setFont("Helvetica", 12)
        draw(canvas)
        canvas.restoreState()
    canvas.save()
    return out.getvalue()


def texts(document: Document) -> list[str]:
    return [word.text for word in document.pages[0].words]


def below(canvas: Canvas) -> None:
    canvas.drawString(50, 250, "Hidden 99.00")


def above(canvas: Canvas) -> None:
    canvas.drawString(50, 200, "Total 12.50")


def white(canvas: Canvas) -> None:
    canvas.setFillGray(1)
    canvas.rect(40, 240, 200, 30, stroke=0, fill=1)


def picture(colour: tuple[int, ...]) -> ImageReader:
    return ImageReader(Image.new("RGBA" if len(colour) == 4 else "RGB", (40, 20), colour))


def opaque_picture(canvas: Canvas) -> None:
    canvas.drawImage(picture((250, 250, 250)), 40, 240, 200, 30)


def group(canvas: Canvas) -> None:
    canvas.beginForm("group")
    canvas.setFillGray(1)
    canvas.rect(20, 120, 100, 15, stroke=0, fill=1)
    canvas.endForm()
    canvas.scale(2, 2)
    canvas.doForm("group")


@pytest.mark.parametrize("cover", [white, opaque_picture, group])
def test_words_under_an_opaque_thing_are_not_read_and_that_is_told(cover: Draw) -> None:
    document = opened(below, cover, above)
    assert texts(document) == ["Total", "12.50"]
    assert document.notes == ("Of page 1, 2 words that nobody sees there were not read.",)


def test_one_word_is_told_as_one() -> None:
    def narrow(canvas: Canvas) -> None:
        canvas.rect(40, 240, 52, 30, fill=1)

    document = opened(below, narrow)
    assert texts(document) == ["99.00"]
    assert document.notes == ("Of page 1, one word that nobody sees there was not read.",)


def test_text_inside_a_form_can_be_covered_too() -> None:
    def form(canvas: Canvas) -> None:
        canvas.beginForm("text")
        canvas.setFont("Helvetica", 12)
        canvas.drawString(50, 250, "Hidden 99.00")
        canvas.endForm()
        canvas.doForm("text")

    assert texts(opened(form, white, above)) == ["Total", "12.50"]
    assert texts(opened(white, form, above)) == ["Hidden", "99.00", "Total", "12.50"]


def transparent(canvas: Canvas) -> None:
    canvas.setFillColorRGB(1, 1, 0, alpha=0.4)
    canvas.rect(40, 240, 200, 30, stroke=0, fill=1)


def multiplied(canvas: Canvas) -> None:
    canvas.setBlendMode("Multiply")
    canvas.setFillColorRGB(1, 1, 0)
    canvas.rect(40, 240, 200, 30, stroke=0, fill=1)


def outlined(canvas: Canvas) -> None:
    canvas.rect(40, 240, 200, 30, stroke=1, fill=0)


def triangle(canvas: Canvas) -> None:
    path = canvas.beginPath()
    path.moveTo(40, 240)
    path.lineTo(240, 240)
    path.lineTo(240, 270)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)


def framed(canvas: Canvas) -> None:
    path = canvas.beginPath()
    path.rect(40, 240, 200, 30)
    path.rect(42, 242, 196, 26)
    canvas.drawPath(path, stroke=0, fill=1, fillMode=0)


def glassy_picture(canvas: Canvas) -> None:
    canvas.drawImage(picture((250, 250, 250, 80)), 40, 240, 200, 30, mask="auto")


def clipped_away(canvas: Canvas) -> None:
    path = canvas.beginPath()
    path.rect(180, 240, 60, 30)
    canvas.clipPath(path, stroke=0)
    white(canvas)


def layered(canvas: Canvas) -> None:
    canvas.addLiteral("/OC << /Type /OCG /Name (Layer) >> BDC")
    white(canvas)
    canvas.addLiteral("EMC")


def shaded(canvas: Canvas) -> None:
    canvas.linearGradient(40, 240, 240, 270, ("white", "white"), extend=False)


@pytest.mark.parametrize(
    "drawn",
    [
        transparent,
        multiplied,
        outlined,
        triangle,
        framed,
        glassy_picture,
        clipped_away,
        layered,
        shaded,
    ],
)
def test_what_may_let_text_through_covers_none(drawn: Draw) -> None:
    document = opened(below, drawn, above)
    assert texts(document) == ["Hidden", "99.00", "Total", "12.50"]
    assert document.notes == ()


def test_a_background_that_is_drawn_first_covers_nothing() -> None:
    assert sorted(texts(opened(above, white, below))) == ["12.50", "99.00", "Hidden", "Total"]


def test_text_that_is_drawn_again_above_its_cover_is_read() -> None:
    assert texts(opened(below, white, below)) == ["Hidden", "99.00"]


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_covered_words_are_left_out_of_turned_pages_too(rotation: int) -> None:
    out = BytesIO()
    with pikepdf.open(BytesIO(made(below, white, above))) as document:
        document.pages[0].rotate(rotation, relative=False)
        document.save(out)
    assert texts(pdf.read(out.getvalue(), Options())) == ["Total", "12.50"]


def test_a_page_whose_text_is_all_covered_has_no_words_and_is_not_blank() -> None:
    page = opened(below, white).pages[0]
    assert (page.words, page.origin, page.status) == ((), None, "read")


def test_text_under_a_scan_is_kept_as_the_scans_own() -> None:
    def scan(canvas: Canvas) -> None:
        canvas.drawImage(picture((250, 250, 250)), 0, 0, WIDTH, HEIGHT)

    page = opened(below, above, scan).pages[0]
    assert [word.text for word in page.words] == ["Hidden", "99.00", "Total", "12.50"]
    assert page.scanned


def test_of_thousands_of_covers_the_topmost_count() -> None:
    def much(canvas: Canvas) -> None:
        for _ in range(1_000):
            below(canvas)
            white_over_all(canvas)

    assert texts(opened(much, above)) == ["Total", "12.50"]


def white_over_all(canvas: Canvas) -> None:
    canvas.saveState()
    canvas.setFillGray(1)
    canvas.rect(0, 0, WIDTH, HEIGHT, stroke=0, fill=1)
    canvas.restoreState()
