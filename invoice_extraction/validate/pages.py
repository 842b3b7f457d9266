"""What was not read of the pages, as checks of the file as a whole."""

from collections.abc import Iterator, Sequence

from invoice_extraction.model.document import Page
from invoice_extraction.model.extraction import Check


def checks_of_pages(pages: Sequence[Page], *, by_words: bool) -> Iterator[Check]:
    """Yield a failed check for pages that could not be read.

    With `by_words` the values were read from the pages' words alone: then one too for pages whose words
    are not all, and for those whose words are a scanner's.
    """
    unreadable = _numbers(page for page in pages if page.status == "unreadable")
    if unreadable:
        message = f"What stands on page {unreadable} is missing here: it could not be read."
        yield Check(id="page_unreadable", status="fail", found=unreadable, message=message)
    cut = _numbers(page for page in pages if page.is_cut)
    if by_words and cut:
        message = f"Page {cut} holds more than could be read: the rest is missing here."
        yield Check(id="page_partly_read", status="fail", found=cut, message=message)
    scanned = _numbers(page for page in pages if page.scanned and page.words)
    if by_words and scanned:
        message = f"Page {scanned} was read from a scanner's text, which nobody sees on it."
        yield Check(id="scanner_text", status="fail", found=scanned, message=message)


def _numbers(pages: Iterator[Page]) -> str:
    """Return the numbers of pages in words, "" for none."""
    return ", ".join(str(page.number) for page in pages)
