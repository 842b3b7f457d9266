"""Which pages of a document are read: the option `pages`, such as "1-3,5"."""

import re
from collections.abc import Iterator, Sequence

from invoice_extraction.errors import OptionError, TooManyPages
from invoice_extraction.model.options import Options

_RANGE = re.compile(r"\s*(\d{1,6})\s*(?:(-)\s*(\d{1,6})?\s*)?", re.ASCII)
_MOST = 100  # ranges


def selected(options: Options, count: int) -> tuple[int, ...]:
    """Return the numbers of the pages to read of a document that has `count`, ascending.

    Pages that it does not have are left out.

    Raises:
        OptionError: `options.pages` is not valid, or the document has none of them.
        TooManyPages: They are more than `options.limits.max_pages`.
    """
    if options.pages is None:
        numbers: Sequence[int] = range(1, count + 1)
        told = f"The document has {count:,} pages"
    else:
        numbers = _numbers(ranges(options.pages), count, options.limits.max_pages)
        told = "More pages are asked for than may be read"
        if not numbers:
            raise OptionError(
                f"The document has {count:,} {'page' if count == 1 else 'pages'}, none of which "
                f"the option `pages` names."
            )
    most = options.limits.max_pages
    if len(numbers) > most:
        raise TooManyPages(f"{told}; the limit is {most:,}.")
    return tuple(numbers)


def skipped(read: int, count: int) -> Iterator[str]:
    """Give the note for a document of `count` pages of which `read` are read; none where all are."""
    if read < count:
        yield f"{count - read:,} of {count:,} pages were not read: the option `pages` leaves them out."


def ranges(pages: str) -> tuple[tuple[int, int | None], ...]:
    """Return first and last page of each range, None for the document's last ("4-").

    Raises:
        OptionError: It is not a list of pages and ranges.
    """
    parts = pages.split(",", _MOST)
    found = [_RANGE.fullmatch(part) for part in parts]
    read: list[tuple[int, int | None]] = []
    for match in found:
        if match is None:
            raise _invalid()
        first = int(match[1])
        last = int(match[3]) if match[3] else (None if match[2] else first)
        if first < 1 or (last is not None and last < first):
            raise _invalid()
        read.append((first, last))
    return tuple(read)


def _numbers(spans: tuple[tuple[int, int | None], ...], count: int, most: int) -> list[int]:
    """Return the pages in the ranges; of a range not many more than `most`, however long it is."""
    return sorted(
        {
            number
            for first, last in spans
            for number in range(first, min(count, last or count, first + most) + 1)
        }
    )


def _invalid() -> OptionError:
    return OptionError(
        "The option `pages` is not a list of pages.",
        hint='Write pages and ranges, counted from 1, with commas between: "1-3,5" or "4-".',
    )
