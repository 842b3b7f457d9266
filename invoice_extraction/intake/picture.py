"""The picture of one page, for people to look at."""

import io
import math

import pypdfium2
from PIL import Image, ImageOps

from invoice_extraction.errors import OptionError, PageUnreadable, UnsupportedType
from invoice_extraction.intake import image, pdfium
from invoice_extraction.model.options import Limits

MAX_WIDTH = 2_000  # pixels
_MAX_PIXELS = 8e6
_MAX_SIDE = 16_383  # pixels, of WebP
_FEW_COLOURS = 1_024  # text and lines have some hundred shades, a photo has many thousand
_PALETTE = 64
_QUALITY = 65
_EFFORT = 2  # of WebP's 0 to 6: beyond it, time doubles for a few per cent


def render(
    data: bytes,
    media_type: str,
    page_number: int,
    width: int,
    limits: Limits,
    password: str | None = None,
) -> bytes:
    """Return the page as displayed, as WebP, `width` pixels wide.

    It is narrower where the page is so long that it would have more than 8 million pixels, or where a
    picture is narrower itself. Notes and
    form fields are not drawn: what is only laid over the page is not what was printed. `page_number`
    is counted from 1.

    Raises:
        OptionError: There is no such page, or `width` is not 1 to 2,000.
        UnsupportedType: A file of this type has no pages.
        PageUnreadable: The page cannot be drawn.
        DocumentError: As opening the file raises.
    """
    if not 1 <= width <= MAX_WIDTH:
        raise OptionError(f"A page's picture is 1 to {MAX_WIDTH:,} pixels wide.")
    if media_type == "application/pdf":
        return _of_pdf(data, page_number, width, limits, password)
    if media_type in image.FORMATS:
        return _of_image(data, media_type, page_number, width, limits)
    raise UnsupportedType("A file of this type has no pages to show.")


def _of_pdf(
    data: bytes, page_number: int, width: int, limits: Limits, password: str | None
) -> bytes:
    with pdfium.opened(data, password, limits) as pdf:
        _check_number(page_number, len(pdf))
        try:
            page = pdf[page_number - 1]
            across, down = page.get_size()
            if not (0 < across <= limits.max_page_points and 0 < down <= limits.max_page_points):
                raise PageUnreadable(f"Page {page_number} has no size that can be drawn.")
            bitmap = page.render(
                scale=_scale(width, across, down),
                may_draw_forms=False,
                draw_annots=False,
            )
            return _encoded(bitmap.to_pil())
        except pypdfium2.PdfiumError as exc:
            raise PageUnreadable(f"Page {page_number} cannot be drawn.") from exc


def _of_image(data: bytes, media_type: str, page_number: int, width: int, limits: Limits) -> bytes:
    _check_number(page_number, 1)
    with image.opened(data, media_type, limits) as picture:
        if media_type == "image/jpeg":
            picture.draft("RGB", (2 * width, 2 * width))
        upright = ImageOps.exif_transpose(picture)
        scale = min(1.0, _scale(width, *upright.size))
        size = (max(1, round(upright.width * scale)), max(1, round(upright.height * scale)))
        return _encoded(_on_white(upright).resize(size, reducing_gap=2.0))


def _check_number(page_number: int, count: int) -> None:
    if not 1 <= page_number <= count:
        raise OptionError(f"There is no page {page_number}; the document has {count:,}.")


def _on_white(picture: Image.Image) -> Image.Image:
    """Return the picture in RGB; what is transparent shows white, as on paper."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    paper = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(paper, picture.convert("RGBA")).convert("RGB")


def _scale(width: int, across: float, down: float) -> float:
    """Return pixels for each unit of a page that measures `across` by `down`."""
    return min(width / across, math.sqrt(_MAX_PIXELS / (across * down)), _MAX_SIDE / down)


def _encoded(picture: Image.Image) -> bytes:
    """Return WebP: text sharp and without loss, photos and scans small."""
    picture = picture.convert("RGB")
    out = io.BytesIO()
    if picture.getcolors(_FEW_COLOURS) is not None:
        flat = picture.quantize(_PALETTE, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        flat.convert("RGB").save(out, "WEBP", lossless=True, quality=20, method=1)
    else:
        picture.save(out, "WEBP", quality=_QUALITY, method=_EFFORT)
    return out.getvalue()
