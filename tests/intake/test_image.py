"""Pictures as documents, and pictures of pages."""

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageStat

from invoice_extraction.engines.llm.providers import PROVIDERS
from invoice_extraction.errors import (
    BlankDocument,
    CorruptFile,
    OptionError,
    TooComplex,
    TooManyPages,
    UnsupportedType,
)
from invoice_extraction.intake import open_document, picture
from invoice_extraction.model.options import Limits, Options
from tests.intake.heic import heic

FORMATS = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/webp": "WEBP",
    "image/tiff": "TIFF",
    "image/gif": "GIF",
    "image/bmp": "BMP",
}
WITH_EXIF = {kind: form for kind, form in FORMATS.items() if form not in ("GIF", "BMP")}
GREYS = Image.linear_gradient("L").resize((96, 48))
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
    assert page.number == 1
    assert (page.width, page.height) == pytest.approx((300, 150), abs=0.05)  # BMP has dots a metre
    assert (page.words, page.origin) == ((), None)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_png_is_read(mode: str) -> None:
    data = made("PNG", as_mode(GREYS, mode))
    assert open_document(data, Options()).pages[0].width == 72
    shown = Image.open(BytesIO(picture.render(data, "image/png", 1, 96, Limits()))).convert("L")
    top, bottom = shown.crop((0, 0, 96, 4)), shown.crop((0, 44, 96, 48))
    assert ImageStat.Stat(top).mean[0] < 60
    assert ImageStat.Stat(bottom).mean[0] > 195


def as_mode(image: Image.Image, mode: str) -> Image.Image:
    if mode == "I;16":
        deep = np.asarray(image).astype(np.uint16) * 257
        return Image.fromarray(deep)
    return image.convert(mode)


@pytest.mark.parametrize(
    ("mode", "compression"),
    [
        ("1", "group3"), ("1", "group4"), ("L", "jpeg"), ("RGB", "tiff_lzw"), ("RGB", "jpeg"),
        ("RGBA", "tiff_adobe_deflate"), ("CMYK", "packbits"), ("P", None), ("I;16", "tiff_lzw"),
    ],
)  # fmt: skip
def test_every_kind_of_tiff_is_read(mode: str, compression: str | None) -> None:
    data = made("TIFF", as_mode(GREYS.convert("RGB") if mode == "CMYK" else GREYS, mode),
                compression=compression)  # fmt: skip
    assert open_document(data, Options()).media_type == "image/tiff"
    decoded = picture.pixels(data, "image/tiff", 1, Limits(), grey=True)
    assert decoded.data[0] < 60
    assert decoded.data[-1] > 195


def a_tiff(*pages: Image.Image) -> bytes:
    return made("TIFF", pages[0], save_all=True, append_images=list(pages[1:]))


def test_each_page_of_a_tiff_is_a_page() -> None:
    data = a_tiff(GREYS, LEFT_HALF_BLACK, GREYS.resize((192, 96)))
    document = open_document(data, Options())
    assert [(page.number, page.width) for page in document.pages] == [(1, 72), (2, 300), (3, 144)]
    assert picture.pixels(data, "image/tiff", 2, Limits())[:2] == (400, 200)
    with pytest.raises(OptionError, match="no page 4; the document has 3"):
        picture.pixels(data, "image/tiff", 4, Limits())


def test_a_tiffs_thumbnail_is_no_page() -> None:
    thumbnail = GREYS.resize((24, 12))
    thumbnail.encoderinfo = {"tiffinfo": {254: 1}}
    data = a_tiff(LEFT_HALF_BLACK, thumbnail)
    assert [page.width for page in open_document(data, Options()).pages] == [300]


def test_a_tiff_of_too_many_pages_is_refused_and_the_option_is_named() -> None:
    data = a_tiff(*[GREYS] * 6)
    with pytest.raises(TooManyPages, match="6 pages; the limit is 5") as caught:
        open_document(data, Options(limits=Limits(max_pages=5)))
    assert "`pages`" in caught.value.hint
    some = open_document(data, Options(pages="2,5-", limits=Limits(max_pages=5)))
    assert [page.number for page in some.pages] == [2, 5, 6]
    assert some.notes == ("3 of 6 pages were not read: the option `pages` leaves them out.",)


def test_a_tiff_that_leads_back_to_its_first_page_ends() -> None:
    data = bytearray(a_tiff(GREYS))
    first = int.from_bytes(data[4:8], "little")
    count = int.from_bytes(data[first : first + 2], "little")
    place = first + 2 + 12 * count
    data[place : place + 4] = first.to_bytes(4, "little")
    assert len(open_document(bytes(data), Options()).pages) == 1


def test_a_tiff_page_that_is_cut_off_is_told_as_unreadable() -> None:
    data = bytearray(a_tiff(LEFT_HALF_BLACK, LEFT_HALF_BLACK))
    second = Image.open(BytesIO(data))
    second.seek(1)
    place = data.rindex(second.tag_v2[273][0].to_bytes(4, "little"))  # type: ignore[attr-defined]
    data[place : place + 4] = (len(data) + 1).to_bytes(4, "little")
    pages = open_document(bytes(data), Options()).pages
    assert [page.status for page in pages] == ["read", "unreadable"]


def test_a_fax_with_unequal_resolutions_has_its_pages_shape() -> None:
    data = made("TIFF", LEFT_HALF_BLACK.resize((1_728, 1_078)).convert("1"), dpi=(204, 98))
    (page,) = open_document(data, Options()).pages
    assert page.width == pytest.approx(1_728 / 204 * 72, abs=0.1)
    assert page.height == pytest.approx(1_078 / 98 * 72, abs=0.1)
    decoded = picture.pixels(data, "image/tiff", 1, Limits())
    assert decoded.width / decoded.height == pytest.approx(page.width / page.height, rel=0.01)


@pytest.mark.parametrize(("turns", "size", "black"), [(0, (96, 48), 0), (1, (48, 96), -1)])
def test_a_phones_heic_is_read_and_turned_upright(
    turns: int, size: tuple[int, int], black: int
) -> None:
    data = heic(LEFT_HALF_BLACK.resize((128, 64)), quarter_turns=turns)
    document = open_document(data, Options())
    (page,) = document.pages
    assert (document.media_type, page.width, page.height) == ("image/heic", *size)
    decoded = picture.pixels(data, "image/heic", 1, Limits(), grey=True)
    assert decoded.width / decoded.height == page.width / page.height
    assert decoded.data[black] < 20
    assert decoded.data[-1 - black] > 235
    with pytest.raises(CorruptFile):
        open_document(data[:-100], Options())


def test_of_a_moving_gif_the_first_picture_is_the_page() -> None:
    data = made("GIF", LEFT_HALF_BLACK, save_all=True, append_images=[GREYS.resize((400, 200))])
    assert len(open_document(data, Options()).pages) == 1
    assert picture.pixels(data, "image/gif", 1, Limits()).data[:3] == b"\0\0\0"


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "BMP"])
def test_a_picture_of_one_colour_is_blank(form: str) -> None:
    for colour in ("white", "black"):
        with pytest.raises(BlankDocument):
            open_document(made(form, Image.new("RGB", (400, 200), colour)), Options())


def test_a_scanners_resolution_is_believed_and_a_cameras_is_not() -> None:
    scan = open_document(made("JPEG", dpi=(200, 200)), Options()).pages[0]
    assert (scan.width, scan.height) == (144, 72)
    photo = open_document(made("JPEG", dpi=(72, 72)), Options()).pages[0]
    assert (photo.width, photo.height) == (300, 150)


@pytest.mark.parametrize(("kind", "form"), WITH_EXIF.items())
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
    decoded = picture.pixels(data, kind, 1, Limits(), grey=True)
    assert decoded.width / decoded.height == pytest.approx(page.width / page.height)
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


def test_a_picture_is_decoded_with_at_most_eight_million_pixels() -> None:
    photo = made("JPEG", Image.linear_gradient("L").resize((3_000, 4_000)).convert("RGB"))
    width, height, data = picture.pixels(photo, "image/jpeg", 1, Limits())
    assert width * height <= 8_000_000 < 1.01 * width * height
    assert len(data) == 3 * width * height
    assert len(picture.pixels(photo, "image/jpeg", 1, Limits(), grey=True).data) == width * height


@pytest.mark.parametrize(("kind", "form"), FORMATS.items())
def test_a_model_is_given_pictures_it_takes(kind: str, form: str) -> None:
    few = Image.open(BytesIO(picture.as_model_picture(made(form), kind, 1, Limits())))
    assert (few.format, few.size) == ("PNG", (400, 200)) if form != "JPEG" else few.size
    photo = made(form, Image.effect_noise((300, 300), 90).convert("RGB"))
    many = Image.open(BytesIO(picture.as_model_picture(photo, kind, 1, Limits())))
    assert many.format in ("PNG", "JPEG")


def test_a_large_picture_is_shown_no_wider_than_asked_and_small() -> None:
    data = made("JPEG", GREYS.resize((3_000, 4_000)))
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


def test_a_picture_for_a_model_is_no_larger_than_every_model_takes() -> None:
    size = (3_000, 2_600)
    noise = Image.frombytes("RGB", size, np.random.default_rng(5).bytes(3 * size[0] * size[1]))
    photo = made("JPEG", noise, quality=95)
    assert len(photo) > 8_000_000
    shown = picture.as_model_picture(photo, "image/jpeg", 1, Limits())
    assert len(shown) <= min(provider.max_picture for provider in PROVIDERS.values())
    assert Image.open(BytesIO(shown)).size == size
