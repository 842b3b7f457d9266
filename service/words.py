"""The words of a document's pages, as workers keep them and the API gives them."""

from collections.abc import Iterable, Sequence
from itertools import islice

import msgspec

from invoice_extraction.model.document import Box, Page

MAX_WORDS = 20_000
"""Words whose text a document can be found by."""


class _Page(msgspec.Struct):
    page: int


_pages = msgspec.json.Decoder(list[msgspec.Raw])
_page = msgspec.json.Decoder(_Page)


def written(pages: Iterable[Page]) -> bytes:
    """Return the words of pages as JSON, each page as it is answered."""
    return msgspec.json.encode([_told(page) for page in pages])


def of_page(kept: bytes, number: int) -> bytes | None:
    """Return what `written` wrote of a page, counted from 1; None where it wrote nothing of it."""
    return next(
        (bytes(raw) for raw in _pages.decode(kept) if _page.decode(raw).page == number), None
    )


def text(pages: Sequence[Page]) -> str:
    """Return the words of pages with spaces between, as many as a document can be found by."""
    return " ".join(islice((word.text for page in pages for word in page.words), MAX_WORDS))


def _told(page: Page) -> dict[str, object]:
    width, height = page.displayed_size
    return {
        "page": page.number,
        "width": width,
        "height": height,
        "origin": page.origin,
        "words": [
            {
                "text": word.text,
                "box": _share(page.displayed(word.box), width, height),
                "confidence": word.confidence,
            }
            for word in page.words
        ],
    }


def _share(box: Box, width: float, height: float) -> tuple[float, ...]:
    """Return a box in points as shares of the page: 0 to 1, as evidence has it."""
    sides = (width, height, width, height)
    return tuple(
        round(min(1.0, max(0.0, at / side)), 4) if side else 0.0
        for at, side in zip(box, sides, strict=True)
    )
