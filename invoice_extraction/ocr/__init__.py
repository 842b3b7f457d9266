"""OCR: `BACKENDS` maps a name to the module whose `recognise` reads a page's picture.

Modules are named, not imported: whoever reads no picture never loads a network. Pages are read by
the first of `NETWORKS` that is installed; one that is not in Latin letters by Tesseract, where that is.
"""

from collections.abc import Iterable
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from time import thread_time
from typing import cast

from invoice_extraction.errors import EngineUnavailable
from invoice_extraction.model.document import Page, Raster, Word
from invoice_extraction.ocr.base import Backend, Mark, Recognised

__all__ = [
    "BACKENDS",
    "NETWORKS",
    "Backend",
    "Mark",
    "Recognised",
    "get_backend",
    "is_installed",
    "knows_script",
    "with_words",
]

BACKENDS: dict[str, str] = {
    "openvino": "invoice_extraction.ocr.openvino",
    "rapid": "invoice_extraction.ocr.rapid",
    "tesseract": "invoice_extraction.ocr.tesseract",
}

NETWORKS: dict[str, tuple[str, ...]] = {
    "openvino": ("openvino", "rapidocr", "cv2"),
    "rapid": ("onnxruntime", "rapidocr", "cv2"),
}
"""The backends that read Latin letters, the faster one first, and the packages that each needs."""

_LATE = 8.0  # seconds of computing after which there is no time left to read a page once more
_LAST_LATIN = "\u024f"  # Unicode, Latin Extended-B


def is_installed() -> bool:
    """Return whether pages can be read, by any of NETWORKS; nothing is imported."""
    return any(_has_packages(name) for name in NETWORKS)


def get_backend(name: str | None = None) -> Backend:
    """Return the backend's function; None is the one that reads every page.

    Raises:
        KeyError: The name is not in BACKENDS.
        EngineUnavailable: What it needs is not installed.
    """
    if name is not None:
        return _loaded(name)
    networks = _loaded(next(filter(_has_packages, NETWORKS), "rapid"))
    try:
        others = _loaded("tesseract")
    except EngineUnavailable:
        return networks

    def recognise(raster: Raster) -> Recognised:
        late = thread_time() + _LATE
        found = networks(raster)
        if not found.doubtful or found.is_cut or thread_time() > late:
            return found
        again = others(raster)
        return found if _is_latin(mark.text for mark in again.marks) else again

    return recognise


def _loaded(name: str) -> Backend:
    if name in NETWORKS and not _has_packages(name):
        extra = "ocr" if name == "rapid" else f"ocr,{name}"
        raise EngineUnavailable(
            "OCR is not installed.", hint=f"Run: pip install 'invoice-extraction[{extra}]'"
        )
    module = import_module(BACKENDS[name])
    if name == "tesseract" and not module.is_installed():
        raise EngineUnavailable(
            "Tesseract is not installed.",
            hint="Install Tesseract 5 with its languages osd and eng.",
        )
    return cast(Backend, module.recognise)


def _has_packages(name: str) -> bool:
    return all(find_spec(package) is not None for package in NETWORKS[name])


def knows_script(page: Page) -> bool:
    """Return whether the page's words, if it has any, are of a script that OCR reads: a Latin one."""
    return _is_latin(word.text for word in page.words)


def _is_latin(texts: Iterable[str]) -> bool:
    """Return whether at least half of the letters are Latin ones, or there are none."""
    letters = [c for text in texts for c in text if c.isalpha()]
    return 2 * sum(c > _LAST_LATIN for c in letters) <= len(letters)


def with_words(page: Page, recognised: Recognised, scale: float) -> Page:
    """Return the page, turned upright, with the words of its picture of `scale` pixels a point.

    Words that it had give way to them. A page on which nothing was recognised comes back as it is.
    """
    if not recognised.marks:
        return page
    turned = replace(page, angle=recognised.angle)
    width, height = turned.displayed_size  # turning back swaps what turning swaps
    words = tuple(_word(mark, scale) for mark in recognised.marks)
    return replace(
        turned,
        width=width,
        height=height,
        words=words,
        origin="ocr",
        scanned=False,
        is_cut=recognised.is_cut,
    )


def _word(mark: Mark, scale: float) -> Word:
    return Word(
        text=mark.text,
        x0=round(mark.x0 / scale, 2),
        top=round(mark.top / scale, 2),
        x1=round(mark.x1 / scale, 2),
        bottom=round(mark.bottom / scale, 2),
        confidence=mark.confidence,
    )
