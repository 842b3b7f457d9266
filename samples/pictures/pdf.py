"""PDF that holds pictures and no text: what a scanner sends by mail."""

from collections.abc import Sequence
from io import BytesIO
from time import gmtime

from PIL.Image import Image

from samples.pictures.base import Picture
from samples.wear import Wear


def encode(pages: Sequence[Image], wear: Wear) -> bytes:
    """Return the file; its pages have the size of the paper, a photo's too."""
    out = BytesIO()
    # black and white is written as fax machines code it, which loses nothing
    quality = {} if wear.colours == "black and white" else {"quality": wear.quality}
    moment = gmtime(0)  # no clock, so that the same pages give the same bytes
    pages[0].save(
        out,
        "PDF",
        save_all=True,
        append_images=list(pages[1:]),
        resolution=wear.dpi,
        creationDate=moment,
        modDate=moment,
        **quality,
    )
    return out.getvalue()


PICTURE = Picture(encode, ".scan.pdf", holds_pages=True, medium="scanned pdf")
