"""An OCR process that takes a while for each page and finds one word; run as the sandbox's own is."""

import sys
import time

sys.path.insert(0, sys.argv[1])

from invoice_extraction.model.document import Raster
from invoice_extraction.ocr.base import Mark, Recognised
from invoice_extraction.sandbox import ocr_reader


def recognise(_: Raster) -> Recognised:
    time.sleep(float(sys.argv[2]))
    return Recognised((Mark("INV-7", 0.0, 0.0, 100.0, 20.0, 1.0),))


if __name__ == "__main__":
    ocr_reader.get_backend = lambda: recognise
    ocr_reader.serve()
