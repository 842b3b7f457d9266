from collections.abc import Sequence

import pytest

from invoice_extraction.engines.layout.engine import read
from invoice_extraction.model.document import Document, Page, Word
from invoice_extraction.model.options import Options

Line = tuple[float, float, str]


def number(lines: Sequence[Line], *, origin: str = "text") -> str | None:
    words = []
    for x, y, text in [*lines, (50, 300, "Total"), (150, 300, "12.50")]:
        at = x
        for part in text.split():
            words.append(Word(part, at, y, at + 5 * len(part), y + 8, size=10))
            at += 5 * len(part) + 3
    page = Page(1, 595, 842, tuple(words), "ocr" if origin == "ocr" else "text")
    [invoice] = read(Document("application/pdf", b"", (page,)), Options()).invoices
    value = invoice.values.get("/invoice_number")
    return value.text if value is not None else None


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([(50, 40, "Invoice: A-1")], "A-1"),
        ([(50, 40, "Rechnungs-Nr./Datum: 4711 / 14.03.2026")], "4711"),
        ([(50, 40, "RECHNUNG"), (150, 40, "Nr.65")], "65"),
        ([(50, 40, "INVOICE"), (50, 54, "No: 12")], "12"),
        ([(50, 40, "Folio ID:"), (150, 40, "437991")], "437991"),
        ([(50, 40, "VAT INVOICE: 25789")], "25789"),
        ([(50, 40, "Order# 1935658")], "1935658"),
    ],
)
def test_a_number_is_found_beside_what_names_it(lines: list[Line], expected: str) -> None:
    assert number(lines) == expected


def test_a_short_number_beside_a_word_that_says_little_is_none_without_a_title() -> None:
    assert number([(50, 40, "Table"), (50, 54, "No: 12")]) is None


def test_digits_that_ocr_read_for_letters_are_letters_of_a_label() -> None:
    assert number([(50, 40, "INV0ICE NO : 18385/103")], origin="ocr") == "18385/103"
    assert number([(50, 40, "Bi11 # 55012")], origin="ocr") == "55012"
