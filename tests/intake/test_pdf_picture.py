"""Pictures of a PDF's pages."""

from io import BytesIO

import pikepdf
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from invoice_extraction.errors import OptionError, PasswordRequired
from invoice_extraction.intake import picture
from invoice_extraction.model.options import Limits


def a_text_page(encryption: pikepdf.Encryption | None = None) -> bytes:
    out = BytesIO()
    canvas = Canvas(out, pagesize=(595, 842))
    for number in range(60):
        canvas.drawString(40, 800 - 12 * number, f"{number} Consulting services 12.50 EUR " * 2)
    canvas.showPage()
    canvas.save()
    saved = BytesIO()
    with pikepdf.open(out) as document:
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Square,
            Rect=[500, 0, 595, 100],
            C=[0, 0, 0],
            IC=[0, 0, 0],
        )
        document.pages[0].Annots = document.make_indirect([note])
        document.save(saved, encryption=encryption or False)
    return saved.getvalue()


@pytest.mark.parametrize("width", [320, 1_240, 2_000])
def test_a_page_has_the_width_that_was_asked_for(width: int) -> None:
    shown = picture.render(a_text_page(), "application/pdf", 1, width, Limits())
    assert Image.open(BytesIO(shown)).width == pytest.approx(width, abs=1)


def test_a_page_of_text_is_small_enough_to_send() -> None:
    assert len(picture.render(a_text_page(), "application/pdf", 1, 1_240, Limits())) < 200_000


def test_notes_are_not_drawn() -> None:
    shown = Image.open(
        BytesIO(picture.render(a_text_page(), "application/pdf", 1, 595, Limits()))
    ).convert("L")
    assert shown.crop((505, 760, 590, 835)).getextrema()[0] > 200  # type: ignore[operator]


def test_a_page_that_does_not_exist_is_refused() -> None:
    with pytest.raises(OptionError, match="no page 2; the document has 1"):
        picture.render(a_text_page(), "application/pdf", 2, 320, Limits())


def test_pixels_are_as_many_as_reading_needs_whatever_size_the_page_claims() -> None:
    for across, down, size in (
        (595, 842, (1413, 2000)),
        (59.5, 84.2, (1413, 2000)),
        (5_950, 8_420, (1413, 2000)),
        (227, 2_270, (894, 8944)),  # a till roll: 8 million pixels and no more
    ):
        out = BytesIO()
        canvas = Canvas(out, pagesize=(across, down))
        canvas.rect(0, 0, across / 2, down, fill=1)
        canvas.showPage()
        canvas.save()
        width, height, data = picture.pixels(out.getvalue(), "application/pdf", 1, Limits())
        assert (width, height) == pytest.approx(size, abs=2)
        assert len(data) == width * height * 3
        assert (data[:3], data[-3:]) == (b"\0\0\0", b"\xff\xff\xff")


def test_a_models_picture_of_a_page_is_png() -> None:
    shown = picture.as_model_picture(a_text_page(), "application/pdf", 1, Limits())
    assert Image.open(BytesIO(shown)).format == "PNG"


def test_a_locked_file_is_drawn_with_its_password() -> None:
    data = a_text_page(pikepdf.Encryption(user="tulip", owner="rose"))
    with pytest.raises(PasswordRequired):
        picture.render(data, "application/pdf", 1, 320, Limits())
    assert picture.render(data, "application/pdf", 1, 320, Limits(), "tulip")
