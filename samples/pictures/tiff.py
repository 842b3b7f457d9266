"""TIFF of as many pages as there are, as fax machines and archives write it."""

from collections.abc import Sequence
from io import BytesIO

from PIL.Image import Image

from samples.pictures.base import Picture, resolution
from samples.wear import Wear


def encode(pages: Sequence[Image], wear: Wear) -> bytes:
    """Return the file: fax coding for black and white, deflate for all else."""
    out = BytesIO()
    coding = "group4" if wear.colours == "black and white" else "tiff_adobe_deflate"
    pages[0].save(
        out,
        "TIFF",
        save_all=True,
        append_images=pages[1:],
        compression=coding,
        **resolution(wear),
    )
    return out.getvalue()


PICTURE = Picture(encode, ".tif", holds_pages=True)
