"""PNG, JPEG, WebP, TIFF, HEIC, GIF, BMP: pages without words, one for each page of a TIFF."""

import io
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pi_heif import as_plugin as heif
from PIL import ExifTags, Image, ImageOps

from invoice_extraction.errors import BlankDocument, CorruptFile, TooComplex, TooManyPages
from invoice_extraction.intake.selection import selected, skipped
from invoice_extraction.intake.sniff import media_type
from invoice_extraction.model.document import Document, Page, PageStatus
from invoice_extraction.model.options import Limits, Options

# Pillow's other decoders (EPS, WMF, FITS, ...) stay out of reach: by content, not by its own guess.
FORMATS = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/webp": "WEBP",
    "image/tiff": "TIFF",
    "image/gif": "GIF",
    "image/bmp": "BMP",
    "image/heic": "HEIF",
}

_SMALLER = "Send a smaller picture: for an A4 page, 300 dots to the inch are more than enough."
_DAMAGED = "The picture is damaged or cut off."
_DEFAULT_DPI = 96.0
_PLAUSIBLE_DPI = (90.0, 1_200.0)  # cameras write 72 without meaning it
_MOST_UNEQUAL = 2.5  # a fax has 204 x 98 dots to the inch
_MAX_SCANS = 100  # of a progressive JPEG; each is decoded over the whole picture
_SCAN = b"\xff\xda"  # JPEG's start of scan; inside one, FF is always followed by 00 or D0-D7
_MAX_FRAMES = 1_000  # of a TIFF that are looked for
_TURNED = (5, 6, 7, 8)  # EXIF orientations that swap width and height
_SUBFILE, _REDUCED, _MASK = 254, 1, 4  # TIFF 6.0, NewSubfileType: a thumbnail, a mask
_STRIPS, _STRIP_SIZES, _TILES, _TILE_SIZES = 273, 279, 324, 325  # TIFF 6.0

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
    RuntimeError,
    struct.error,
    zlib.error,
)


def read(data: bytes, options: Options) -> Document:
    """Return the document: its pages, upright as their EXIF orientation says, without words.

    Only a TIFF has more than one page; of what moves, the first picture is the page. A pixel is 72/96
    of a point, unless the file has a plausible resolution of its own.

    Raises:
        CorruptFile: It cannot be decoded, or is cut off.
        TooComplex: It has more pixels or scans than the limits.
        TooManyPages: It has more pages than `options.limits.max_pages`.
        OptionError: `options.pages` is not valid, or the file has none of them.
        BlankDocument: It is of one colour throughout.
    """
    kind = media_type(data)
    limits = options.limits
    with opened(data, kind, limits) as picture:
        count = len(frames(picture))
    numbers = selected(options, count)
    read = pages(data, kind, numbers, limits)
    states = {page.status for page in read}
    if states == {"unreadable"}:
        raise CorruptFile(_DAMAGED)
    if states == {"blank"}:
        raise BlankDocument("The picture is of one colour throughout.")
    return Document(
        media_type=kind,
        data=data,
        pages=tuple(read),
        notes=tuple(skipped(len(numbers), count)),
    )


def pages(data: bytes, kind: str, numbers: Sequence[int], limits: Limits) -> list[Page]:
    """Return the pages with these numbers, counted from 1, of a picture that has them.

    Raises what `read` raises of damage and size.
    """
    with opened(data, kind, limits) as picture:
        places = frames(picture)
        found = []
        for number in numbers:
            turn_to(picture, places[number - 1], limits)
            size = _points(picture)
            found.append(Page(number, *size, status=_status(picture, data, kind)))
        return found


@contextmanager
def opened(data: bytes, kind: str, limits: Limits) -> Iterator[Image.Image]:
    """Give the picture, its size within the limits, its pixels not yet decoded.

    What is raised while it is open as a sign of damage becomes CorruptFile, also by the caller's own
    decoding. Raises what `read` raises.
    """
    try:
        with _open(data, kind) as picture:
            _check_size(picture, limits)
            if kind == "image/jpeg" and data.count(_SCAN) > _MAX_SCANS:
                raise TooComplex(
                    "The picture is made of more scans than any camera writes.",
                    hint="Save it again as an ordinary JPEG or PNG and send that.",
                )
            yield picture
    except Image.DecompressionBombError as exc:
        raise TooComplex("The picture has more pixels than the limit.", hint=_SMALLER) from exc
    except _DAMAGE as exc:
        raise CorruptFile(_DAMAGED) from exc


def frames(picture: Image.Image) -> list[int]:
    """Return the places of an open picture's pages; raises TooManyPages beyond any limit.

    A TIFF's thumbnails and masks are no pages.
    """
    if picture.format != "TIFF":
        return [picture.tell()]
    found: list[int] = []
    place = 0
    while _seek(picture, place):
        kind = picture.tag_v2.get(_SUBFILE, 0)  # type: ignore[attr-defined]  # a TiffImageFile
        if not kind & (_REDUCED | _MASK):
            found.append(place)
        place += 1
        if place > _MAX_FRAMES:
            raise TooManyPages(f"The document has more than {_MAX_FRAMES:,} pages.")
    return found or [0]


def turn_to(picture: Image.Image, frame: int, limits: Limits) -> None:
    """Make the picture show one of its `frames`; raises TooComplex where that one is too large."""
    if frame != picture.tell():
        picture.seek(frame)
        _check_size(picture, limits)


def natural_size(picture: Image.Image) -> tuple[float, float]:
    """Return the page's width and height, upright, in pixels that are square.

    A fax has twice as many dots across as down: its page is longer than its count of rows.
    """
    width, height = float(picture.width), float(picture.height)
    across, down = _resolution(picture)
    if across > down:
        height *= across / down
    else:
        width *= down / across
    return (height, width) if _is_turned(picture) else (width, height)


def upright(picture: Image.Image) -> Image.Image:
    """Return the picture decoded, in RGB; what is transparent shows white, as on paper."""
    turned = ImageOps.exif_transpose(picture)
    if turned.mode[0] in "IF":
        turned = _eight_bits(turned)
    if not turned.has_transparency_data:
        return turned.convert("RGB")
    paper = Image.new("RGBA", turned.size, "white")
    return Image.alpha_composite(paper, turned.convert("RGBA")).convert("RGB")


def _open(data: bytes, kind: str) -> Image.Image:
    if kind == "image/heic":
        # Not by registration with Pillow, which is for the whole process. Threads are refused to a
        # process that reads files.
        heif.options.DECODE_THREADS = 0
        picture: Image.Image = heif.HeifImageFile(io.BytesIO(data))
        return picture
    return Image.open(io.BytesIO(data), formats=[FORMATS[kind]])


def _check_size(picture: Image.Image, limits: Limits) -> None:
    width, height = picture.size
    if max(width, height) > limits.max_side or width * height > limits.max_pixels:
        raise TooComplex(
            f"The picture has {width:,} x {height:,} pixels; the limit is "
            f"{limits.max_pixels:,}, and {limits.max_side:,} a side.",
            hint=_SMALLER,
        )


def _seek(picture: Image.Image, place: int) -> bool:
    try:
        picture.seek(place)
    except EOFError:
        return False
    return True


def _points(picture: Image.Image) -> tuple[float, float]:
    """Return the page's width and height in points, upright."""
    width, height = natural_size(picture)
    dpi = max(_resolution(picture))
    return round(width * 72 / dpi, 2), round(height * 72 / dpi, 2)


def _is_turned(picture: Image.Image) -> bool:
    # Pillow has swapped a TIFF's width and height itself.
    return picture.format != "TIFF" and picture.getexif().get(ExifTags.Base.Orientation) in _TURNED


def _resolution(picture: Image.Image) -> tuple[float, float]:
    """Return dots to the inch, across and down, as the file's rows lie."""
    across, down = picture.info.get("dpi", (0.0, 0.0))
    across, down = float(across), float(down)
    low, high = _PLAUSIBLE_DPI
    if not (low <= across <= high and low <= down <= high):
        return _DEFAULT_DPI, _DEFAULT_DPI
    if abs(across - down) <= 0.01 * across:
        return across, across
    if picture.format == "TIFF" and max(across, down) <= _MOST_UNEQUAL * min(across, down):
        return across, down
    return _DEFAULT_DPI, _DEFAULT_DPI


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Return grey of more than 8 bits in 8, the brightest as white."""
    deep = picture.convert("F")
    _, brightest = deep.getextrema()
    scale = 255.0 / brightest if brightest > 0 else 0.0  # type: ignore[operator]
    return deep.point(lambda value: value * scale + 0.0).convert("L")


def _status(picture: Image.Image, data: bytes, kind: str) -> PageStatus:
    """Return what can be told by the cheapest way that the format has to see that it is whole.

    Only what is decoded for that can be seen to be blank.
    """
    if kind == "image/webp":
        whole = int.from_bytes(data[4:8], "little") + 8 <= len(data)
    elif kind == "image/tiff":
        whole = _has_strips(picture, len(data))
    elif kind == "image/heic":
        whole = _has_boxes(data)
    else:
        if kind == "image/jpeg":
            # An eighth of the size: every coefficient is read, hardly any is transformed.
            picture.draft("L", (max(1, picture.width // 8), max(1, picture.height // 8)))
        picture.load()
        return "blank" if _is_even(picture) else "read"
    return "read" if whole else "unreadable"


def _is_even(picture: Image.Image) -> bool:
    """Return whether all pixels are the same."""
    extrema = picture.getextrema()
    bands = extrema if isinstance(extrema[0], tuple) else (extrema,)
    return all(low == high for low, high in bands)


def _has_strips(picture: Image.Image, length: int) -> bool:
    """Return whether the pixels of a TIFF's page lie inside the file."""
    tags = picture.tag_v2  # type: ignore[attr-defined]  # a TiffImageFile
    starts = tags.get(_STRIPS) or tags.get(_TILES) or ()
    sizes = tags.get(_STRIP_SIZES) or tags.get(_TILE_SIZES) or ()
    return (
        len(starts) == len(sizes) > 0
        and max(starts) < length
        and all(start + size <= length for start, size in zip(starts, sizes, strict=True))
    )


def _has_boxes(data: bytes) -> bool:
    """Return whether the boxes of a HEIF file end where the file ends (ISO/IEC 14496-12, 4.2)."""
    place = 0
    while place + 8 <= len(data):
        size = int.from_bytes(data[place : place + 4])
        if size == 1:
            size = int.from_bytes(data[place + 8 : place + 16])
        elif size == 0:
            return True
        place += max(size, 8)
    return place == len(data)
