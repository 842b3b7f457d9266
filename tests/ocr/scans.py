"""Pictures as scanners and cameras make them, drawn from our own samples."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pypdfium2
from PIL import Image

from invoice_extraction.model.document import Raster

FILES = Path(__file__).resolve().parents[2] / "samples" / "files"


def a_scan(name: str = "credit-note-en.pdf", *, dpi: int = 150, turned: float = 0.0) -> Image.Image:
    """Return a sample's first page as a noisy grey scan, turned clockwise."""
    page = pypdfium2.PdfDocument((FILES / name).read_bytes())[0]
    picture = page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L")
    whole = turned % 90 == 0
    picture = picture.rotate(-turned, Image.Resampling.BICUBIC, expand=whole, fillcolor=255)
    noise = np.random.default_rng(1).normal(0, 6, (picture.height, picture.width))
    grey = np.asarray(picture, np.float64) * 0.8 + 35 + noise
    return Image.fromarray(grey.clip(0, 255).astype(np.uint8))


def as_file(picture: Image.Image, kind: str = "JPEG") -> bytes:
    out = BytesIO()
    picture.save(out, kind, quality=70)
    return out.getvalue()


def as_pdf(*pictures: Image.Image) -> bytes:
    """Return a PDF whose pages are pictures alone."""
    out = BytesIO()
    first, *others = pictures
    first.save(out, "PDF", save_all=True, append_images=others, resolution=150)
    return out.getvalue()


def as_raster(picture: Image.Image) -> Raster:
    return Raster(picture.width, picture.height, picture.tobytes())
