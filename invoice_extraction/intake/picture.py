"""The picture of one page: for people to look at, for OCR, for a model."""

import io
import math
from typing import NamedTuple

import pypdfium2
from PIL import Image

from invoice_extraction.errors import OptionError, PageUnreadable, UnsupportedType
from invoice_extraction.intake import image, pdfium, pictures, sniff
from invoice_extraction.intake.sniff import COMBINED
from invoice_extraction.model.options import Limits

MAX_WIDTH = 2_000  # pixels
_MAX_PIXELS = 8e6
_MAX_SIDE = 16_383  # pixels, of WebP
_LONG_SIDE = 2_000.0  # pixels; an A4 page has 171 dpi then, and letters of 8 points are 19 high
_SHORT_SIDE = 1_000.0  # pixels; a till roll of 80 mm has 317 dpi then
_FEW_COLOURS = 1_024  # text and lines have some hundred shades, a photo has many thousand
_PALETTE = 64
_QUALITIES = (65, 45, 25)  # of WebP, the first with which a picture is small enough
_SHRUNK = 0.75  # of its sides, as often as it takes after those
_BYTES = 200_000  # of a picture of _SCREEN pixels across or less, and more for a wider one
_SCREEN = 1_240
_EFFORT = 2  # of WebP's 0 to 6: beyond it, time doubles for a few per cent
_MODEL_QUALITIES = (85, 65, 45)  # of JPEG, the first with which a picture is small enough
_MODEL_BYTES = 3_700_000  # Anthropic takes a picture of 5 MB in base64, the others more


class Pixels(NamedTuple):
    """A decoded page: `width` x `height` pixels, row by row from the top, without padding.

    `data` has one byte a pixel (grey), or three (red, green, blue).
    """

    width: int
    height: int
    data: bytes


def render(
    data: bytes,
    media_type: str,
    page_number: int,
    width: int,
    limits: Limits,
    password: str | None = None,
) -> bytes:
    """Return the page as displayed, as WebP, `width` pixels wide.

    It is narrower where the page is so long that it would have more than 8 million pixels, where a
    picture is narrower itself, and where noise would make it larger than 200 kB (as much more as it is wider
    than 1,240). Notes and form fields are not drawn: what is only laid over the page is not what was
    printed. `page_number` is counted from 1.

    Raises:
        OptionError: There is no such page, or `width` is not 1 to 2,000.
        UnsupportedType: A file of this type has no pages.
        PageUnreadable: The page cannot be drawn.
        DocumentError: As opening the file raises.
    """
    if not 1 <= width <= MAX_WIDTH:
        raise OptionError(f"A page's picture is 1 to {MAX_WIDTH:,} pixels wide.")
    page = _page(data, media_type, page_number, width, limits, password)
    return _encoded(page, int(_BYTES * max(1.0, (width / _SCREEN) ** 2)))


def pixels(
    data: bytes,
    media_type: str,
    page_number: int,
    limits: Limits,
    password: str | None = None,
    *,
    grey: bool = False,
) -> Pixels:
    """Return the page as displayed, decoded, at most 8 million pixels: what OCR is given.

    A PDF's page is drawn 2,000 pixels long whatever size it claims, and a narrow one 1,000 wide; a
    picture keeps its own pixels, turned upright by its EXIF orientation. Raises what `render` raises.
    """
    page = _page(data, media_type, page_number, None, limits, password)
    page = page.convert("L") if grey else page
    return Pixels(page.width, page.height, page.tobytes())


def as_model_picture(
    data: bytes,
    media_type: str,
    page_number: int,
    limits: Limits,
    password: str | None = None,
) -> bytes:
    """Return the page as `pixels` gives it, as PNG where it has few colours and as JPEG elsewhere.

    At most 3.7 MB, as every model takes it. Raises what `render` raises.
    """
    page = _page(data, media_type, page_number, None, limits, password)
    out = io.BytesIO()
    if page.getcolors(_FEW_COLOURS) is not None:
        page.quantize(_PALETTE, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
            out, "PNG"
        )
        if out.tell() <= _MODEL_BYTES:
            return out.getvalue()
    for quality in _MODEL_QUALITIES:
        out = io.BytesIO()
        page.save(out, "JPEG", quality=quality)
        if out.tell() <= _MODEL_BYTES:
            break
    return out.getvalue()


def _page(
    data: bytes,
    media_type: str,
    page_number: int,
    width: int | None,
    limits: Limits,
    password: str | None,
) -> Image.Image:
    """Return the page in RGB, upright, `width` pixels wide; as large as reading needs where None."""
    if media_type == "application/pdf":
        return _of_pdf(data, page_number, width, limits, password)
    if media_type == COMBINED:
        data, page_number = pictures.find(data, page_number, limits)
        media_type = sniff.media_type(data)
    if media_type in image.FORMATS:
        return _of_image(data, media_type, page_number, width, limits)
    raise UnsupportedType("A file of this type has no pages to show.")


def _of_pdf(
    data: bytes, page_number: int, width: int | None, limits: Limits, password: str | None
) -> Image.Image:
    with pdfium.opened(data, password) as pdf:
        _check_number(page_number, len(pdf))
        try:
            page = pdf[page_number - 1]
            across, down = page.get_size()
            if not (0 < across <= limits.max_page_points and 0 < down <= limits.max_page_points):
                raise PageUnreadable(f"Page {page_number} has no size that can be drawn.")
            bitmap = page.render(
                scale=_scale(width or _reading_width(across, down), across, down),
                may_draw_forms=False,
                draw_annots=False,
            )
            drawn: Image.Image = bitmap.to_pil()
            return drawn.convert("RGB")
        except pypdfium2.PdfiumError as exc:
            raise PageUnreadable(f"Page {page_number} cannot be drawn.") from exc


def _reading_width(across: float, down: float) -> float:
    return across * max(_LONG_SIDE / max(across, down), _SHORT_SIDE / min(across, down))


def _of_image(
    data: bytes, media_type: str, page_number: int, width: int | None, limits: Limits
) -> Image.Image:
    with image.opened(data, media_type, limits) as picture:
        frames = image.frames(picture)
        _check_number(page_number, len(frames))
        image.turn_to(picture, frames[page_number - 1], limits)
        across, down = image.natural_size(picture)
        scale = min(1.0, _scale(width or across, across, down))
        size = (max(1, round(across * scale)), max(1, round(down * scale)))
        if media_type == "image/jpeg":
            longer = 2 * max(size)
            picture.draft("RGB", (longer, longer))
        upright = image.upright(picture)
        return upright if upright.size == size else upright.resize(size, reducing_gap=2.0)


def _check_number(page_number: int, count: int) -> None:
    if not 1 <= page_number <= count:
        raise OptionError(f"There is no page {page_number}; the document has {count:,}.")


def _scale(width: float, across: float, down: float) -> float:
    """Return pixels for each unit of a page that measures `across` by `down`."""
    return min(
        width / across,
        math.sqrt(_MAX_PIXELS / (across * down)),
        _MAX_SIDE / max(across, down),
    )


def _encoded(picture: Image.Image, most: int) -> bytes:
    """Return WebP of at most so many bytes: text sharp and without loss, photos and scans small."""
    if picture.getcolors(_FEW_COLOURS) is not None:
        flat = picture.quantize(_PALETTE, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        sharp = io.BytesIO()
        flat.convert("RGB").save(sharp, "WEBP", lossless=True, quality=20, method=1)
        if sharp.tell() <= most:
            return sharp.getvalue()
    for quality in _QUALITIES:
        out = _lossy(picture, quality)
        if len(out) <= most:
            return out
    while len(out) > most:
        size = (max(1, int(picture.width * _SHRUNK)), max(1, int(picture.height * _SHRUNK)))
        picture = picture.resize(size)
        out = _lossy(picture, _QUALITIES[1])
    return out


def _lossy(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=quality, method=_EFFORT)
    return out.getvalue()
