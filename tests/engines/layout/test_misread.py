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
        ("DE62 68I5 2OO7 1860 5432 91", "DE62681520071860543291"),
        ("DE62 68IS 2007 I860 5432 9I", "DE62681520071860543291"),
        ("GB33 8UKB 2020 1555 5555 55", "GB33BUKB20201555555555"),
        ("DE62 6815 2007 1860 5432 91", None),
        ("DE62 6815 2007 1860 5432 92", None),
    ],
)
def test_an_iban_is_repaired_where_its_check_digits_leave_one_reading(
    printed: str, right: str | None
) -> None:
    assert misread.iban(printed) == right


@pytest.mark.parametrize(
    "printed",
    ["FR34 0020 1183 1653 C96I OC6Z D44", "FR97 4731 7914 4209 SDDL L7DC 378"],
)
def test_an_account_of_letters_proves_no_reading_of_many(printed: str) -> None:
    assert misread.iban(printed) is None


def test_what_is_no_letter_of_an_iban_is_no_reading_of_one() -> None:
    assert misread.iban("DE62 68I5 2OO7 1860 5432 9Ł") is None
    assert misread.iban("DE62 68|5 2OO7 1860 5432 91") == "DE62681520071860543291"


@pytest.mark.parametrize(
    ("printed", "country", "right"),
    [
        ("DE2748I9307", None, "DE274819307"),
        ("DE 27A 8I9 307", None, "DE274819307"),
        ("8E0428759497", None, "BE0428759497"),
        ("85837843I", "ES", "B58378431"),
        ("DE274819307", None, None),
        ("DE274819308", None, None),
        ("I366959", None, None),
    ],
)
def test_a_tax_number_is_repaired_where_its_check_digits_leave_one_reading(
    printed: str, country: str | None, right: str | None
) -> None:
    assert misread.tax_number(printed, country) == right


def test_a_repaired_identifier_is_told_with_what_was_read() -> None:
    page = document((60, 700, "IBAN: DE62 68I5 2OO7 1860 5432 91"))
    reading = read(page, Options())
    [doubt] = [d for d in reading.invoices[0].doubts if d.id == "identifier_repaired"]
    assert doubt.fields == ("/payment/accounts/0/iban",)
    assert doubt.expected == "DE62681520071860543291"
    assert doubt.found == "DE62 68I5 2OO7 1860 5432 91"
    [invoice] = normalise(reading, page, Options())
    payment = invoice.result.payment
    assert payment is not None
    assert payment.accounts[0].iban == "DE62681520071860543291"
    proof = invoice.evidence["/payment/accounts/0/iban"]
    assert (proof.origin, proof.text) == ("derived", "DE62 68I5 2OO7 1860 5432 91")
    assert proof.boxes


def test_a_repaired_tax_number_is_told_with_what_was_read() -> None:
    invoice = found((60, 700, "USt-IdNr.: DE2748I9307"))
    assert invoice.values["/seller/tax_id"].canonical == "DE274819307"
    assert invoice.values["/seller/tax_id"].text == "DE2748I9307"
    assert [d.id for d in invoice.doubts] == ["identifier_repaired"]


def test_what_a_file_itself_says_is_never_repaired() -> None:
    invoice = found((60, 700, "USt-IdNr.: DE2748I9307"), origin="text")
    assert invoice.values["/seller/tax_id"].canonical is None
    assert invoice.doubts == ()


def test_what_is_called_an_iban_is_told_with_a_wrong_length() -> None:
    invoice = found((60, 700, "IBAN: DE62 6815 2007 1860 54"), origin="text")
    assert invoice.values["/payment/accounts/0/iban"].text == "DE62 6815 2007 1860 54"
