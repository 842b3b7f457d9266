"""An OCR process that hangs as long as a file is there, and finds one word; run as the sandbox's own is."""

import sys
import time
from pathlib import Path

sys.path.insert(0, sys.argv[1])

from invoice_extraction.model.document import Raster
from invoice_extraction.ocr.base import Mark, Recognised
from invoice_extraction.sandbox import ocr_reader


def recognise(_: Raster) -> Recognised:
    while Path(sys.argv[2]).exists():
        time.sleep(0.01)
    return Recognised((Mark("INV-7", 0.0, 0.0, 100.0, 20.0, 1.0),))


if __name__ == "__main__":
    ocr_reader.get_backend = lambda: recognise
    ocr_reader.serve()
