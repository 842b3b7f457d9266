"""What an engine is given of a document's pages: words, by OCR where they are pictures, or pictures for a model."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from invoice_extraction import ocr
from invoice_extraction.engines.llm.engine import is_sent
from invoice_extraction.errors import (
    BlankDocument,
    DocumentError,
    ExtractionError,
    NoEngineConfigured,
    PageUnreadable,
    ReaderTimeout,
)
from invoice_extraction.model.document import Document, Page, Pictures, Raster
from invoice_extraction.model.options import Options
from invoice_extraction.sandbox.client import Readers, ReadersUnavailable

log = logging.getLogger(__name__)

Progress = Callable[[str, int | None, int], None]
"""Called with a stage ("reading", "model", "checking"), the place of the page that OCR begins to read (1 is
the first; None for the document as a whole), and the number of pages, 0 while not known."""


def to_recognise(document: Document) -> list[Page]:
    """Return the pages that are read by OCR where it is installed: their words, if any, are not shown."""
    return [
        page
        for page in document.pages
        if page.status == "read" and (not page.words or (page.scanned and ocr.knows_script(page)))
    ]


def with_words(
    document: Document, options: Options, readers: Readers | None, tell: Progress
) -> Document:
    """Return the document with the words that OCR finds on the pages that show some as a picture.

    What a scanner's program read in such a page stays where OCR fails, or is not installed. Pages that
    OCR does not come to in time count as not read.

    Raises:
        NoEngineConfigured: There are no pages; or none has words, and OCR is not installed.
        BlankDocument: No page shows any.
        PageUnreadable: None of those that can be opened does.
        DocumentError: That of the last page, when none could be read.
    """
    if not document.pages:
        raise NoEngineConfigured(
            "The local engine reads pages, and this file has none.",
            hint="Leave out the option `engine`, or choose einvoice: that engine reads XML.",
        )
    pictures = to_recognise(document)
    if pictures and not ocr.is_installed():
        return _unread(document, pictures)
    deadline = time.monotonic() + options.limits.max_ocr_seconds
    failed: dict[int, DocumentError] = {}
    pages = {page.number: page for page in document.pages}
    places = {number: place for place, number in enumerate(pages, 1)}
    for page in pictures:
        tell("reading", places[page.number], len(pages))
        try:
            pages[page.number] = _recognised(page, document, options, readers, deadline)
        except DocumentError as error:
            log.info("OCR of a page: %s", error.code)
            if not page.words:
                failed[page.number] = error
                pages[page.number] = replace(page, status="unreadable")
    cut = [n for n, page in pages.items() if page.is_cut and page.origin == "ocr"]
    notes = (
        *document.notes,
        *_notes(failed),
        *(f"Page {number} holds more lines than OCR reads in time." for number in cut),
        *_scanner_notes(pages.values()),
    )
    read = replace(document, pages=tuple(pages.values()), notes=notes)
    if not read.has_words:
        if failed:
            raise list(failed.values())[-1]
        if any(page.status == "unreadable" for page in read.pages):
            raise PageUnreadable("No page of the document could be read.")
        raise BlankDocument("No words were found on any page of the document.")
    return read


def with_pictures(document: Document, options: Options, readers: Readers | None) -> Document:
    """Return the document with its pages to be drawn, where the model is not sent the file itself.

    Raises:
        BlankDocument, PageUnreadable: There are pages, and none to show.
    """
    if is_sent(document, options) or not document.pages:
        return document

    def draw(page: int) -> bytes:
        if readers is not None:
            return readers.draw(document, page, options)
        # Not above: where readers are processes, this one never loads a PDF library.
        from invoice_extraction.intake import picture

        return picture.as_model_picture(
            document.data, document.media_type, page, options.limits, options.password
        )

    shown = tuple(page.number for page in document.pages if page.status == "read")
    if not shown and any(page.status == "unreadable" for page in document.pages):
        raise PageUnreadable("No page of the document could be read.")
    if not shown:
        raise BlankDocument("No page of the document shows anything.")
    return replace(document, pictures=Pictures(shown, draw))


def needs_words_to_locate(document: Document) -> bool:
    """Return whether OCR is to find the words by which a model's values are located.

    For that, what a scanner's program read is good enough.
    """
    unread = (page.status == "read" and not page.words for page in document.pages)
    return ocr.is_installed() and any(unread)


def to_locate(
    document: Document, options: Options, readers: Readers | None, tell: Progress
) -> Document:
    """Return the document with words by which a model's values are located, where OCR finds any."""
    if not needs_words_to_locate(document):
        return document
    try:
        read = with_words(document, options, readers, tell)
    except ExtractionError as error:
        log.info("no words to locate values by: %s", error.code)
        return document
    except ReadersUnavailable:
        # The answer is paid for, and OCR that does not start now may never do.
        log.warning("no words to locate values by: OCR does not start")
        return document
    # The model has seen what OCR has not.
    pages = (
        page if page.words else seen for page, seen in zip(read.pages, document.pages, strict=True)
    )
    return replace(document, pages=tuple(pages))


def _unread(document: Document, pictures: list[Page]) -> Document:
    """Return the document without OCR: its pictures count as not read."""
    if not document.has_words:
        raise NoEngineConfigured(
            "The document has no text, and neither OCR nor a model is set up.",
            hint="Run: pip install 'invoice-extraction[ocr]'; or set GEMINI_API_KEY "
            "(see docs/engines.md).",
        )
    missing = {page.number for page in pictures if not page.words}
    pages = tuple(
        replace(page, status="unreadable") if page.number in missing else page
        for page in document.pages
    )
    notes = [*document.notes, *_scanner_notes(pages)]
    if missing:
        notes.append("Pages without text were not read: OCR is not installed.")
    return replace(document, pages=pages, notes=tuple(notes))


def _notes(failed: dict[int, DocumentError]) -> list[str]:
    return [f"Page {number} was not read: {error.message}" for number, error in failed.items()]


def _scanner_notes(pages: Iterable[Page]) -> Iterator[str]:
    for page in pages:
        if page.scanned and page.words:
            yield f"Page {page.number} was read from a scanner's text, which nobody sees on it."


def _recognised(
    page: Page, document: Document, options: Options, readers: Readers | None, deadline: float
) -> Page:
    """Return the page with the words that OCR finds on it; blank where it finds none.

    Raises:
        DocumentError: It cannot be read, or `deadline`, by the monotonic clock, is over.
    """
    if time.monotonic() >= deadline:
        raise ReaderTimeout(
            f"OCR of the document took longer than {options.limits.max_ocr_seconds:,.0f} seconds."
        )
    # As displayed: which way up its picture lies is told by OCR, not by the words it had.
    width, height = page.displayed_size
    page = replace(page, width=width, height=height, angle=0.0)
    if readers is not None:
        raster = readers.pixels(document, page.number, options)
        found = readers.recognise(raster)
    else:
        # Not above: where readers are processes, this one never loads a PDF library.
        from invoice_extraction.intake import picture

        raster = Raster(
            *picture.pixels(
                document.data,
                document.media_type,
                page.number,
                options.limits,
                options.password,
                grey=True,
            )
        )
        found = ocr.get_backend()(raster)
    if not found.marks and found.is_cut:
        raise ReaderTimeout("No word of it was found in time.")
    if not found.marks:
        return replace(page, words=(), origin=None, scanned=False, status="blank")
    return ocr.with_words(page, found, raster.width / page.width)
