"""PNG, JPEG, WebP: one page without words."""

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import ExifTags, Image

from invoice_extraction.errors import CorruptFile, TooComplex
from invoice_extraction.intake.sniff import media_type
from invoice_extraction.model.document import Document, Page
from invoice_extraction.model.options import Limits, Options

# Pillow's other decoders (EPS, WMF, FITS, ...) stay out of reach: by content, not by its own guess.
FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}

_DEFAULT_DPI = 96.0
_PLAUSIBLE_DPI = (90.0, 1_200.0)  # cameras write 72 without meaning it
_MAX_SCANS = 100  # of a progressive JPEG; each is decoded over the whole picture
_SCAN = b"\xff\xda"  # JPEG's start of scan; inside one, FF is always followed by 00 or D0-D7
_TURNED = (5, 6, 7, 8)  # EXIF orientations that swap width and height

# What Pillow and its decoders raise on damaged files, beside the documented OSError.
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    OverflowError,
    struct.error,
    zlib.error,
)


def read(data: bytes, options: Options) -> Document:
    """Return the document: one page, upright as its EXIF orientation says, without words.

    A pixel is 72/96 of a point, unless the file has a plausible resolution of its own.

    Raises:
        CorruptFile: It cannot be decoded, or is cut off.
        TooComplex: It has more pixels or scans than the limits.
    """
    kind = media_type(data)
    with opened(data, kind, options.limits) as picture:
        page = Page(1, *_size(picture))
        _check(picture, data, kind)
    return Document(media_type=kind, data=data, pages=(page,))


@contextmanager
def opened(data: bytes, kind: str, limits: Limits) -> Iterator[Image.Image]:
    """Give the picture, its size within the limits, its pixels not yet decoded.

    What is raised while it is open as a sign of damage becomes CorruptFile, also by the caller's own
    decoding. Raises what `read` raises.
    """
    try:
        with Image.open(io.BytesIO(data), formats=[FORMATS[kind]]) as picture:
            width, height = picture.size
            if max(width, height) > limits.max_side or width * height > limits.max_pixels:
                raise TooComplex(
                    f"The picture has {width:,} x {height:,} pixels; the limit is "
                    f"{limits.max_pixels:,}, and {limits.max_side:,} a side."
                )
            if kind == "image/jpeg" and data.count(_SCAN) > _MAX_SCANS:
                raise TooComplex("The picture is made of more scans than any camera writes.")
            yield picture
    except Image.DecompressionBombError as exc:
        raise TooComplex("The picture has more pixels than the limit.") from exc
    except _DAMAGE as exc:
        raise CorruptFile("The picture is damaged or cut off.") from exc


def _size(picture: Image.Image) -> tuple[float, float]:
    """Return width and height in points, upright."""
    width, height = picture.size
    dpi = _resolution(picture)
    width_points, height_points = round(width * 72 / dpi, 2), round(height * 72 / dpi, 2)
    if picture.getexif().get(ExifTags.Base.Orientation) in _TURNED:
        return height_points, width_points
    return width_points, height_points


def _resolution(picture: Image.Image) -> float:
    across, down = picture.info.get("dpi", (0.0, 0.0))
    across, down = float(across), float(down)
    low, high = _PLAUSIBLE_DPI
    if low <= across <= high and abs(across - down) <= 0.01 * across:
        return across
    return _DEFAULT_DPI


def _check(picture: Image.Image, data: bytes, kind: str) -> None:
    """Raise where the picture is cut off, by the cheapest way that its format has."""
    if kind == "image/jpeg":
        # An eighth of the size: every coefficient is read, hardly any is transformed.
        picture.draft("L", (max(1, picture.width // 8), max(1, picture.height // 8)))
    if kind != "image/webp":
        picture.load()
    elif int.from_bytes(data[4:8], "little") + 8 > len(data):
        raise CorruptFile("The picture is damaged or cut off.")
