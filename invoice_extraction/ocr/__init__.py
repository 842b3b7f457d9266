"""OCR: `BACKENDS` maps a name to the module whose `recognise` reads a page's picture.

Modules are named, not imported: whoever reads no picture never loads a network.
"""

from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from typing import cast

from invoice_extraction.errors import EngineUnavailable
from invoice_extraction.model.document import Page, Word
from invoice_extraction.ocr.base import Backend, Mark, Recognised

__all__ = [
    "BACKENDS",
    "DEFAULT",
    "Backend",
    "Mark",
    "Recognised",
    "get_backend",
    "is_installed",
    "knows_script",
    "with_words",
]

BACKENDS: dict[str, str] = {"rapid": "invoice_extraction.ocr.rapid"}

DEFAULT = "rapid"
_LAST_LATIN = "\u024f"  # Unicode, Latin Extended-B
_NEEDED = ("rapidocr", "onnxruntime", "cv2")


def is_installed() -> bool:
    """Return whether the packages of the extra "ocr" are there; nothing is imported."""
    return all(find_spec(name) is not None for name in _NEEDED)


def get_backend(name: str = DEFAULT) -> Backend:
    """Return the backend's function; KeyError for a name that is not in BACKENDS.

    Raises:
        EngineUnavailable: A package that it needs is not installed.
    """
    module = BACKENDS[name]
    if not is_installed():
        raise EngineUnavailable(
            "OCR is not installed.", hint="Run: pip install 'invoice-extraction[ocr]'"
        )
    return cast(Backend, import_module(module).recognise)


def knows_script(page: Page) -> bool:
    """Return whether the page's words, if it has any, are of a script that OCR reads: a Latin one."""
    letters = [c for word in page.words for c in word.text if c.isalpha()]
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
    return replace(turned, width=width, height=height, words=words, origin="ocr", scanned=False)


def _word(mark: Mark, scale: float) -> Word:
    return Word(
        text=mark.text,
        x0=round(mark.x0 / scale, 2),
        top=round(mark.top / scale, 2),
        x1=round(mark.x1 / scale, 2),
        bottom=round(mark.bottom / scale, 2),
        confidence=mark.confidence,
    )
