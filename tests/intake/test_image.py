"""Pictures as documents, and pictures of pages."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageDraw

from invoice_extraction.errors import (
    CorruptFile,
    OptionError,
    TooComplex,
    UnsupportedType,
)
from invoice_extraction.intake import open_document, picture
from invoice_extraction.model.options import Limits, Options

FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}
LEFT_HALF_BLACK = Image.new("RGB", (400, 200), "white")
ImageDraw.Draw(LEFT_HALF_BLACK).rectangle((0, 0, 199, 199), "black")


def made(form: str, image: Image.Image = LEFT_HALF_BLACK, **saving: Any) -> bytes:
    out = BytesIO()
    image.save(out, form, **saving)
    return out.getvalue()


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


@pytest.mark.parametrize(("kind", "form"), FORMATS.items())
def test_a_picture_is_one_page_without_words(kind: str, form: str) -> None:
    data = made(form)
    document = open_document(data, Options())
    (page,) = document.pages
    assert (document.media_type, document.data) == (kind, data)
    assert (page.number, page.width, page.height) == (1, 300, 150)
    assert (page.words, page.origin) == ((), None)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_png_is_read(mode: str) -> None:
    data = made("PNG", Image.new(mode, (96, 48)))
    assert open_document(data, Options()).pages[0].width == 72
    assert picture.render(data, "image/png", 1, 48, Limits())


def test_a_scanners_resolution_is_believed_and_a_cameras_is_not() -> None:
    scan = open_document(made("JPEG", dpi=(200, 200)), Options()).pages[0]
    assert (scan.width, scan.height) == (144, 72)
    photo = open_document(made("JPEG", dpi=(72, 72)), Options()).pages[0]
    assert (photo.width, photo.height) == (300, 150)


@pytest.mark.parametrize(("kind", "form"), FORMATS.items())
@pytest.mark.parametrize(
    ("orientation", "size", "black"),
    [
        (1, (300, 150), (0.1, 0.5)),
        (3, (300, 150), (0.9, 0.5)),
        (6, (150, 300), (0.5, 0.1)),
        (8, (150, 300), (0.5, 0.9)),
    ],
)
def test_the_exif_orientation_is_respected(
    kind: str, form: str, orientation: int, size: tuple[int, int], black: tuple[float, float]
) -> None:
    data = made(form, exif=turned(orientation))
    page = open_document(data, Options()).pages[0]
    assert (page.width, page.height) == size
    shown = Image.open(BytesIO(picture.render(data, kind, 1, 100, Limits()))).convert("L")
    assert shown.width / shown.height == pytest.approx(page.width / page.height)
    dark = shown.getpixel((int(black[0] * shown.width), int(black[1] * shown.height)))
    assert isinstance(dark, int)
    assert dark < 50


@pytest.mark.parametrize("form", FORMATS.values())
def test_a_picture_that_is_cut_off_is_corrupt(form: str) -> None:
    noise = Image.effect_noise((300, 300), 90)
    data = made(form, noise)
    for length in (20, len(data) // 2, len(data) * 9 // 10):
        with pytest.raises(CorruptFile):
            open_document(data[:length], Options())


def test_a_picture_over_the_limits_is_too_complex() -> None:
    for limits in (Limits(max_pixels=79_999), Limits(max_side=399)):
        for form in FORMATS.values():
            with pytest.raises(TooComplex, match="400 x 200"):
                open_document(made(form), Options(limits=limits))
    huge = made("PNG", Image.new("1", (20_000, 20_000)))
    with pytest.raises(TooComplex):
        open_document(huge, Options())


def test_a_jpeg_of_very_many_scans_is_too_complex() -> None:
    data = made("JPEG")
    with pytest.raises(TooComplex, match="scans"):
        open_document(data[:-2] + b"\xff\xda\x00\x00" * 2_000 + data[-2:], Options())


def test_a_large_picture_is_shown_no_wider_than_asked_and_small() -> None:
    data = made("JPEG", Image.new("RGB", (3_000, 4_000), "white"))
    shown = picture.render(data, "image/jpeg", 1, 1_240, Limits())
    assert Image.open(BytesIO(shown)).size == (1_240, 1_653)
    assert len(shown) < 200_000


def test_a_very_long_page_is_drawn_with_at_most_eight_million_pixels() -> None:
    data = made("PNG", Image.new("L", (1_500, 9_000), "white"))
    shown = Image.open(BytesIO(picture.render(data, "image/png", 1, 1_500, Limits())))
    assert shown.width * shown.height == pytest.approx(8e6, rel=0.01)


def test_a_small_picture_is_not_blown_up() -> None:
    shown = Image.open(BytesIO(picture.render(made("PNG"), "image/png", 1, 1_240, Limits())))
    assert shown.size == (400, 200)


def test_what_is_transparent_shows_white() -> None:
    data = made("PNG", Image.new("RGBA", (40, 40), (0, 0, 0, 0)))
    shown = Image.open(BytesIO(picture.render(data, "image/png", 1, 40, Limits())))
    assert shown.convert("L").getextrema() == (255, 255)


def test_pages_and_widths_that_do_not_exist_are_refused() -> None:
    data = made("PNG")
    for page, width in ((0, 320), (2, 320), (1, 0), (1, 5_000)):
        with pytest.raises(OptionError):
            picture.render(data, "image/png", page, width, Limits())
    with pytest.raises(UnsupportedType):
        picture.render(b"<a/>", "application/xml", 1, 320, Limits())
