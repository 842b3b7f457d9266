"""Several invoices in one file: this engine reads one of them, and must not be silent of the others."""

from collections.abc import Iterator
from dataclasses import replace

from invoice_extraction.engines.layout import decode, references, score
from invoice_extraction.engines.layout import kind as kinds
from invoice_extraction.engines.layout.candidates import Layout, layout
from invoice_extraction.engines.layout.labels import squash
from invoice_extraction.engines.layout.references import Found
from invoice_extraction.model.document import Document, Page
from invoice_extraction.model.options import Options
from invoice_extraction.model.reading import Doubt

_CLEAR = 0.7
"""The prior of a number that stands beside a label of its own; one beside any "No." needs a title on its page."""

_CLAIMS = frozenset({"invoice", "credit_note", "debit_note"})
_LONGEST_TITLE = 5
"""Words of a title with its number at most."""


def doubts(document: Document, options: Options, number: Found | None) -> tuple[Doubt, ...]:
    """Return the doubt about pages that show an invoice with another number than the one that was read.

    Such a page has a number and a total of its own, and not the number that was read; and where that one
    stands, the page's own is not printed either. So no page is doubted of an invoice that lists others,
    of one that is followed by what it sums up, or of one whose number stands on its first page alone.
    """
    if number is None or len(document.pages) < 2:
        return ()
    print_of = {page.number: _print(page) for page in document.pages if page.words}
    own = squash(number.text)
    home = print_of[number.segment.page]
    found = [
        (page, other)
        for page, other in _others(document, options, own, print_of)
        if squash(other) not in home
    ]
    if not found:
        return ()
    pages = ", ".join(str(page) for page, _ in found)
    return (
        Doubt(
            "several_invoices",
            f"Page {pages} shows another invoice, which is not read: send each invoice as a file of its own.",
            fields=("/invoice_number",),
            expected=number.text,
            found=", ".join(dict.fromkeys(other for _, other in found)),
        ),
    )


def _others(
    document: Document, options: Options, own: str, print_of: dict[int, str]
) -> Iterator[tuple[int, str]]:
    """Give each page, with its number, on which another number and a total stand beside labels."""
    for page in document.pages:
        if not page.words or own in print_of[page.number]:
            continue
        alone = layout(replace(document, pages=(page,)), options)
        number = references.number(alone, "invoice_number", "invoice_number_weak")
        if number is None or not (number.score >= _CLEAR or _is_titled(alone)):
            continue
        sums = decode.sums(score.sums(alone), alone.rates)
        if "gross" in sums.chosen or decode.only(alone) is not None:
            yield page.number, number.text


def _is_titled(page: Layout) -> bool:
    """Return whether a page says of itself that it is an invoice, in a title and not in a sentence."""
    kind = kinds.titled(page)
    return (
        kind is not None
        and kind.name in _CLAIMS
        and kind.title is not None
        and len(kind.title.words) <= _LONGEST_TITLE
    )


def _print(page: Page) -> str:
    """Return what a page says without spaces and signs, for a number may be printed in groups."""
    return "".join(squash(word.text) for word in page.words)
