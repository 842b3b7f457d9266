"""Pages of invented words for the tests of the local engine: a letter is 5 points wide, a row 8 high."""

from collections.abc import Iterable

from invoice_extraction.engines.layout.engine import read
from invoice_extraction.model.document import Document, Page, Word
from invoice_extraction.model.options import Options
from invoice_extraction.model.reading import InvoiceReading, Value

Line = tuple[float, float, str]
"""x and y in points, and the text that begins there."""

A4, SLIP = (595.0, 842.0), (300.0, 600.0)
"""Width and height of a letter's page and of a till's, in points."""


def document(*lines: Line, size: tuple[float, float] = A4, by_ocr: bool = False) -> Document:
    """Return a document of one page; `by_ocr` where its words were recognised."""
    words = []
    for x, y, text in lines:
        at = x
        for part in text.split():
            words.append(Word(part, at, y, at + 5 * len(part), y + 8, size=10))
            at += 5 * len(part) + 3
    page = Page(1, *size, tuple(words), "ocr" if by_ocr else "text")
    return Document("application/pdf", b"", (page,))


def invoice(*lines: Line, size: tuple[float, float] = A4, by_ocr: bool = False) -> InvoiceReading:
    """Return the one invoice that the engine reads of such a page."""
    [found] = read(document(*lines, size=size, by_ocr=by_ocr), Options()).invoices
    return found


def values(*lines: Line, size: tuple[float, float] = A4, by_ocr: bool = False) -> dict[str, Value]:
    """Return its values by their pointers."""
    return invoice(*lines, size=size, by_ocr=by_ocr).values


def texts(found: dict[str, Value]) -> dict[str, str]:
    """Return what each value is: in canonical form where it has one, else as printed."""
    return {pointer: value.canonical or value.text for pointer, value in found.items()}


def column(texts: Iterable[str], x: float = 50, y: float = 40, step: float = 15) -> list[Line]:
    """Return lines that stand one below another."""
    return [(x, y + step * n, text) for n, text in enumerate(texts)]
