"""WebP, as messengers pass pictures on."""

from collections.abc import Sequence
from io import BytesIO

from PIL.Image import Image

from samples.pictures.base import Picture
from samples.wear import Wear


def encode(pages: Sequence[Image], wear: Wear) -> bytes:
    """Return the file; the format knows no resolution."""
    out = BytesIO()
    pages[0].convert("RGB").save(out, "WEBP", quality=wear.quality)
    return out.getvalue()


PICTURE = Picture(encode, ".webp")
