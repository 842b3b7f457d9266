"""An OCR process: it reads one page's pixels after another, and never sees a file."""

import os

import msgspec

from invoice_extraction.errors import CorruptFile
from invoice_extraction.model.document import Raster
from invoice_extraction.ocr import get_backend
from invoice_extraction.sandbox import long_lived
from invoice_extraction.sandbox.long_lived import Work
from invoice_extraction.sandbox.wire import RecogniseArguments, Request

_WARM_UP = Raster(64, 64, bytes(range(64)) * 64)
_NICENESS = 5  # so that a machine full of scans still answers, and reads documents with text


def serve() -> None:
    """Answer the requests that come on standard input, a socket, until it is closed."""
    os.nice(_NICENESS)
    long_lived.serve(_prepare)


def _prepare() -> Work:
    recognise = get_backend()
    recognise(_WARM_UP)

    def work(request: Request, body: bytes) -> bytes:
        asked = msgspec.msgpack.decode(request.arguments, type=RecogniseArguments)
        raster = Raster(asked.width, asked.height, body)
        if not raster.is_sound:
            raise CorruptFile("The picture is damaged or cut off.")
        return msgspec.msgpack.encode(recognise(raster))

    return work
