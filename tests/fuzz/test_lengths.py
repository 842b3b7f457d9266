"""What is read from a text takes a time that grows with its length, not with the square of it."""

import contextlib
import time
from collections.abc import Callable

import pytest

from invoice_extraction.engines import get_engine
from invoice_extraction.errors import ExtractionError
from invoice_extraction.model.document import Document, Page, Word
from invoice_extraction.model.options import Options
from invoice_extraction.normalise import amounts, countries, currency, dates, identifiers

LENGTH = 50_000  # characters: half of what a page may hold
SECONDS = 1.0

PIECES = (
    *("x", "é", "ß", "²", "年", "CR", "st", "_", "a1", "1a", "1de", "1h", "T1", "1 Jan ", "Jan 1 "),
    *("1", "1 ", "123 ", "1.", "1,", "1.234,", "12 x", "٣", "1\u00a0", "1-", "- ", ".", " ", "%"),
    *("€", "€ ", "EUR ", "(", ") ", "()", "1(", "1:", "10:10 ", "2026-", "2026 Jan", "01.01."),
    *("12-13 abc", "d’", "'", "1年", "de "),
)
READERS: dict[str, Callable[[str], object]] = {
    "amount": amounts.parse,
    "percent": amounts.percent,
    "style": lambda text: amounts.style_of([text]),
    "date": dates.readings,
    "dates": lambda text: list(dates.find(text)),
    "currency": currency.parse,
    "country": lambda text: countries.parse(text, None),
    "tax_id": lambda text: identifiers.standard("tax_id", text),
}


@pytest.mark.parametrize("name", READERS)
def test_a_text_of_one_piece_over_and_over_is_read_in_time(name: str) -> None:
    for piece in PIECES:
        for end in ("", "1", "x", "2026"):
            text = (piece * LENGTH)[:LENGTH] + end
            started = time.process_time()
            READERS[name](text)
            assert time.process_time() - started < SECONDS, (piece, end)


PAGES = {
    "one word of codes": ["DE89" * 20_000],
    "one word of letters and digits": ["a1" * 40_000],
    "one word of dashes": ["1-" * 40_000],
    "one word of amounts": ["1,234" * 16_000],
    "one row of labels and amounts": ["Total", "1.00"] * 5_000,
    "one row of taxes": ["VAT", "19", "%", "10.00"] * 3_000,
    "one row of dates": ["1", "Jan", "2026"] * 4_000,
    "one row of buyers": ["Bill to:", "Alder Works Ltd", "Ship to:"] * 1_000,
    "one row of accounts": [f"IBAN DE{10**17 + at}" for at in range(8_000)],
}


SUMS = ("Net", "VAT", "Total", "Amount due", "Rounding", "Cash", "Change")
GROWING = [f"{at + 1}.{at * 37 % 100:02}" for at in range(7_000)]
COLUMNS = {
    "sums that each have a name": [f"{SUMS[at % 7]} {GROWING[at]}" for at in range(3_000)],
    "what was handed over, and change": [
        f"{('Cash', 'Change')[at % 2]} {GROWING[at]}" for at in range(7_000)
    ],
    "sites and names": [
        f"www.oak{at}.example" if at % 2 else f"Alder{at} Works Ltd" for at in range(10_000)
    ],
    "rates": [f"VAT {at % 40}.{at % 1000}% {GROWING[at]}" for at in range(2_500)],
}


@pytest.mark.parametrize("words", PAGES.values(), ids=PAGES)
def test_a_page_that_no_invoice_has_is_read_in_time(words: list[str]) -> None:
    _read_in_time([(text, at * 50.0, 0.0) for at, text in enumerate(words)])


@pytest.mark.parametrize("texts", COLUMNS.values(), ids=COLUMNS)
def test_a_column_without_an_end_is_read_in_time(texts: list[str]) -> None:
    _read_in_time([(text, 0.0, at * 12.0) for at, text in enumerate(texts)])


def test_words_that_each_stand_a_little_lower_are_read_in_time() -> None:
    _read_in_time([(text, at * -50.0, at * 0.5) for at, text in enumerate(GROWING)])


def _read_in_time(texts: list[tuple[str, float, float]]) -> None:
    placed = tuple(Word(text, 20 + x, 10 + y, 60 + x, 18 + y) for text, x, y in texts)
    document = Document("application/pdf", b"", pages=(Page(1, 595.0, 842.0, placed, "text"),))
    started = time.process_time()
    with contextlib.suppress(ExtractionError):
        get_engine("layout")(document, Options())
    assert time.process_time() - started < 5 * SECONDS
