"""PNG: nothing is lost."""

from collections.abc import Sequence
from io import BytesIO

from PIL.Image import Image

from samples.pictures.base import Picture, resolution
from samples.wear import Wear


def encode(pages: Sequence[Image], wear: Wear) -> bytes:
    """Return the file."""
    out = BytesIO()
    pages[0].save(out, "PNG", **resolution(wear))
    return out.getvalue()


PICTURE = Picture(encode, ".png")
