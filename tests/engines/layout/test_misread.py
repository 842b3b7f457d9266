import pytest

from invoice_extraction.engines.layout import misread
from invoice_extraction.engines.layout.engine import read
from invoice_extraction.model.document import Document, Page, Word
from invoice_extraction.model.options import Options
from invoice_extraction.model.reading import InvoiceReading
from invoice_extraction.normalise import normalise

Line = tuple[float, float, str]

HEAD: tuple[Line, ...] = (
    (60, 40, "Nordlicht Werkzeuge GmbH"),
    (60, 52, "Kaistraße 7"),
    (60, 64, "24103 Kiel"),
    (60, 150, "Rechnung Nr. 2026-114"),
    (400, 150, "Datum: 14.03.2026"),
    (60, 420, "Gesamtbetrag"),
    (500, 420, "120,00 EUR"),
)


def document(*lines: Line, origin: str = "ocr") -> Document:
    words = []
    for x, y, text in (*HEAD, *lines):
        at = x
        for part in text.split():
            words.append(Word(part, at, y, at + 5 * len(part), y + 8, size=10))
            at += 5 * len(part) + 3
    page = Page(1, 595, 842, tuple(words), "ocr" if origin == "ocr" else "text")
    return Document("application/pdf", b"", (page,))


def found(*lines: Line, origin: str = "ocr") -> InvoiceReading:
    [invoice] = read(document(*lines, origin=origin), Options()).invoices
    return invoice


@pytest.mark.parametrize(
    ("printed", "right"),
    [
        ("DE75 5121 O8OO 1245 1261 99", "DE75512108001245126199"),
        ("DE75 SI21 0800 1245 1261 99", "DE75512108001245126199"),
        ("GB33 8UKB 2020 1555 5555 55", "GB33BUKB20201555555555"),
        ("DE75 5121 0800 1245 1261 99", None),
        ("DE75 5121 0800 1245 1261 98", None),
    ],
)
def test_an_iban_is_repaired_where_its_check_digits_leave_one_reading(
    printed: str, right: str | None
) -> None:
    assert misread.iban(printed) == right


@pytest.mark.parametrize(
    ("printed", "country", "right"),
    [
        ("DEI36695976", None, "DE136695976"),
        ("DE 136 69S 976", None, "DE136695976"),
        ("8E0428759497", None, "BE0428759497"),
        ("85837843I", "ES", "B58378431"),
        ("DE136695976", None, None),
        ("DE136695977", None, None),
        ("I366959", None, None),
    ],
)
def test_a_tax_number_is_repaired_where_its_check_digits_leave_one_reading(
    printed: str, country: str | None, right: str | None
) -> None:
    assert misread.tax_number(printed, country) == right


def test_a_repaired_identifier_is_told_with_what_was_read() -> None:
    page = document((60, 700, "IBAN: DE75 5121 O8OO 1245 1261 99"))
    reading = read(page, Options())
    [doubt] = [d for d in reading.invoices[0].doubts if d.id == "identifier_repaired"]
    assert doubt.fields == ("/payment/accounts/0/iban",)
    assert doubt.expected == "DE75512108001245126199"
    assert doubt.found == "DE75 5121 O8OO 1245 1261 99"
    [invoice] = normalise(reading, page, Options())
    payment = invoice.result.payment
    assert payment is not None
    assert payment.accounts[0].iban == "DE75512108001245126199"
    proof = invoice.evidence["/payment/accounts/0/iban"]
    assert (proof.origin, proof.text) == ("derived", "DE75 5121 O8OO 1245 1261 99")
    assert proof.boxes


def test_a_repaired_tax_number_is_told_with_what_was_read() -> None:
    invoice = found((60, 700, "USt-IdNr.: DEI36695976"))
    assert invoice.values["/seller/tax_id"].canonical == "DE136695976"
    assert invoice.values["/seller/tax_id"].text == "DEI36695976"
    assert [d.id for d in invoice.doubts] == ["identifier_repaired"]


def test_what_a_file_itself_says_is_never_repaired() -> None:
    invoice = found((60, 700, "USt-IdNr.: DEI36695976"), origin="text")
    assert invoice.values["/seller/tax_id"].canonical is None
    assert invoice.doubts == ()


def test_what_is_called_an_iban_is_told_with_a_wrong_length() -> None:
    invoice = found((60, 700, "IBAN: DE75 5121 0800 1245 12"), origin="text")
    assert invoice.values["/payment/accounts/0/iban"].text == "DE75 5121 0800 1245 12"
