"""Several pictures as one document: their pages in their order, told and decoded one at a time."""

from collections.abc import Sequence
from dataclasses import replace

from invoice_extraction.errors import (
    BlankDocument,
    CorruptFile,
    FileTooLarge,
    OptionError,
    TooComplex,
)
from invoice_extraction.intake import combined, image
from invoice_extraction.intake.selection import selected, skipped
from invoice_extraction.intake.sniff import COMBINED, media_type
from invoice_extraction.model.document import Document, Page
from invoice_extraction.model.options import Limits, Options

_A4 = (595.28, 841.89)


def read(data: bytes, options: Options) -> Document:
    """Return the document: the pages of all pictures, as `image.read` gives those of one.

    Each picture must be within the limits of one; a picture that cannot be decoded is an unreadable page.

    Raises:
        CorruptFile: The file is cut off, or none of its pictures can be decoded.
        FileTooLarge, TooComplex: A picture has more bytes or pixels than the limits.
        TooManyPages: All pictures have more pages than `options.limits.max_pages`.
        OptionError: `options.pages` is not valid, or there are none of them.
        BlankDocument: Each picture is of one colour throughout.
    """
    counts = _counts(data, options.limits)
    numbers = selected(options, sum(counts))
    pages: list[Page] = []
    before = 0
    for count, one in zip(counts, combined.pictures(data), strict=True):
        wanted = [number - before for number in numbers if before < number <= before + count]
        for page in _pages(one, wanted, options.limits) if wanted else ():
            pages.append(replace(page, number=before + page.number))
        before += count
    states = {page.status for page in pages}
    if states == {"blank"}:
        raise BlankDocument("Each of the pictures is of one colour throughout.")
    if "read" not in states:
        raise CorruptFile("None of the pictures can be decoded.")
    return Document(
        media_type=COMBINED,
        data=data,
        pages=tuple(pages),
        notes=tuple(skipped(len(numbers), before)),
    )


def page_numbers(data: bytes, options: Options) -> tuple[int, ...]:
    """Return the numbers of the pages to read; raises what `read` raises before it decodes one."""
    return selected(options, sum(_counts(data, options.limits)))


def find(data: bytes, page_number: int, limits: Limits) -> tuple[bytes, int]:
    """Return the picture that a page of the document is in, and the page's number in that picture.

    Raises:
        OptionError: There is no such page.
        DocumentError: As `read` raises.
    """
    before = 0
    for number, one in enumerate(combined.pictures(data), 1):
        count = _count(one, number, limits)
        if before < page_number <= before + count:
            return one, page_number - before
        before += count
    raise OptionError(f"There is no page {page_number}; the document has {before:,}.")


def _counts(data: bytes, limits: Limits) -> list[int]:
    """Return how many pages each picture has."""
    return [_count(one, number, limits) for number, one in enumerate(combined.pictures(data), 1)]


def _count(one: bytes, number: int, limits: Limits) -> int:
    """Return how many pages a picture has, the `number`th of all; one that cannot be opened has one."""
    kind = media_type(one)
    if kind not in image.FORMATS:
        raise CorruptFile(f"Of the combined pictures, number {number} is none.")
    if len(one) > limits.max_bytes:
        raise FileTooLarge(
            f"Picture {number} has {len(one):,} bytes; the limit is {limits.max_bytes:,}."
        )
    try:
        with image.opened(one, kind, limits) as picture:
            return len(image.frames(picture))
    except CorruptFile:
        return 1
    except TooComplex as exc:
        raise TooComplex(f"Picture {number}: {exc.message}", hint=exc.hint) from exc


def _pages(one: bytes, numbers: Sequence[int], limits: Limits) -> list[Page]:
    try:
        return image.pages(one, media_type(one), numbers, limits)
    except CorruptFile:
        return [Page(number, *_A4, status="unreadable") for number in numbers]
