from decimal import Decimal

import pytest

from invoice_extraction.model.document import Document, Page, Word
from invoice_extraction.model.extraction import ExtractedInvoice
from invoice_extraction.model.options import Options
from invoice_extraction.model.reading import InvoiceReading, Reading, Value
from invoice_extraction.normalise import normalise
from invoice_extraction.validate import validate


def read(
    values: dict[str, Value], text: str = "", quotes: dict[str, str] | None = None
) -> ExtractedInvoice:
    words = tuple(
        Word(word, 50 + 60 * n, 100, 100 + 60 * n, 110) for n, word in enumerate(text.split())
    )
    pages = (Page(1, 1000, 500, words, "text"),) if text else ()
    reading = Reading("llm", (InvoiceReading(values, quotes=quotes or {}),))
    return normalise(reading, Document("application/pdf", b"", pages), Options())[0]


def failed(invoice: ExtractedInvoice) -> dict[str, list[str]]:
    return {check.id: check.fields for check in invoice.checks if check.status == "fail"}


def test_a_canonical_value_is_taken_as_it_is() -> None:
    found = read({"/totals/gross": Value("119", "119.00", origin="xml")})
    assert str(found.result.totals.gross) == "119.00"
    assert found.evidence["/totals/gross"].confidence == 1.0
    assert found.checks == []


def test_a_models_value_is_parsed_and_proven_by_the_page() -> None:
    found = read({"/totals/gross": Value("1.234,50 €")}, "Summe 1.234,50 €")
    evidence = found.evidence["/totals/gross"]
    assert found.result.totals.gross == Decimal("1234.50")
    assert (evidence.origin, evidence.page, evidence.level) == ("text", 1, "medium")
    assert evidence.boxes == [(0.11, 0.2, 0.22, 0.22)]


def test_a_value_that_is_not_on_the_page_is_the_models_word_alone() -> None:
    found = read({"/seller/name": Value("Nobody Ltd")}, "ACME Ltd")
    evidence = found.evidence["/seller/name"]
    assert (evidence.origin, evidence.page, evidence.boxes, evidence.level) == (
        "model",
        None,
        [],
        "low",
    )
    assert failed(found) == {"not_found_on_page": ["/seller/name"]}


def test_what_a_model_tells_of_the_document_need_not_be_printed() -> None:
    found = read({"/document_type": Value("receipt"), "/currency": Value("€")}, "Summe 5,00 €")
    assert failed(found) == {}
    assert found.result.currency == "EUR"
    assert found.evidence["/currency"].page == 1


def test_an_ambiguous_date_is_null_and_told() -> None:
    found = read({"/issue_date": Value("03/04/2026")}, "Date 03/04/2026")
    assert found.result.issue_date is None
    assert failed(found) == {"ambiguous_date": ["/issue_date"]}
    assert "/issue_date" not in found.evidence


@pytest.mark.parametrize(
    ("pointer", "text"),
    [
        ("/totals/gross", "1.234"),
        ("/totals/gross", "about ten"),
        ("/issue_date", "soon"),
        ("/currency", "$"),
        ("/seller/address/country", "Atlantis"),
        ("/nowhere", "x"),
        ("/document_type", "poem"),
    ],
)
def test_a_value_that_does_not_parse_is_null_and_told(pointer: str, text: str) -> None:
    found = read({pointer: Value(text), "/invoice_number": Value("A1")}, "A1")
    assert failed(found) == {"unparsed_value": [pointer]}
    assert found.result.invoice_number == "A1"
    assert list(found.evidence) == ["/invoice_number"]


def test_a_canonical_value_that_does_not_fit_is_left_out_alone() -> None:
    found = read(
        {
            "/issue_date": Value("x", "2026-13-45", origin="xml"),
            "/lines/0/quantity": Value("x", "many", origin="xml"),
            "/lines/1/description": Value("Bolt", "Bolt", origin="xml"),
        }
    )
    assert [line.description for line in found.result.lines] == ["Bolt"]
    assert list(found.evidence) == ["/lines/0/description"]


def test_lists_close_their_gaps_and_the_evidence_follows() -> None:
    found = read(
        {"/lines/4/description": Value("Nut"), "/lines/2/description": Value("Bolt")}, "Nut Bolt"
    )
    assert [line.description for line in found.result.lines] == ["Bolt", "Nut"]
    assert found.evidence["/lines/1/description"].text == "Nut"


def test_a_credit_note_printed_with_minus_signs_is_stored_positive() -> None:
    found = read(
        {
            "/document_type": Value("credit_note"),
            "/totals/gross": Value("-119.00"),
            "/lines/0/quantity": Value("-2"),
            "/lines/0/unit_price": Value("50.00"),
            "/lines/0/net_amount": Value("-100.00"),
            "/charges/0/amount": Value("5.00"),
        },
        "-2 50.00 -100.00 5.00 -119.00",
    )
    line = found.result.lines[0]
    assert found.result.totals.gross == Decimal("119.00")
    assert (line.quantity, line.unit_price, line.net_amount) == (2, Decimal("50.00"), 100)
    assert found.result.charges[0].amount == Decimal("-5.00")
    assert [c.status for c in found.checks if c.id == "sign_normalised"] == ["pass"]


def test_a_discount_printed_with_a_minus_is_taken_away_once() -> None:
    values = {
        "/allowances/0/reason": Value("Discount"),
        "/allowances/0/amount": Value("-£116.54"),
        "/totals/lines_net": Value("1,165.40"),
        "/totals/net": Value("1,048.86"),
        "/lines/0/discount_percent": Value("-10 %"),
        "/lines/0/net_amount": Value("1,165.40"),
    }
    found = read(values, "-10 % 1,165.40 Discount -£116.54 1,048.86")
    assert found.result.allowances[0].amount == Decimal("116.54")
    assert found.result.lines[0].discount_percent == 10
    assert found.evidence["/allowances/0/amount"].text == "-£116.54"
    checks = {check.id: check.status for check in validate(found, threshold=0.5).checks}
    assert checks["BR-CO-13"] == "pass"


def test_a_discount_on_a_negative_amount_keeps_its_sign() -> None:
    values = {"/allowances/0/amount": Value("-5.00"), "/totals/gross": Value("-95.00")}
    found = read(values, "-5.00 -95.00")
    assert found.result.allowances[0].amount == Decimal("-5.00")


def test_what_is_printed_and_was_not_read_is_told() -> None:
    values = {"/invoice_number": Value("A1", page=1, boxes=((0, 0, 9, 9),))}
    reading = Reading("layout", (InvoiceReading(values, unread=("/lines",)),))
    page = Page(1, 1000, 500, (Word("A1", 0, 0, 9, 9),), "text")
    [found] = normalise(reading, Document("application/pdf", b"", (page,)), Options())
    assert failed(found) == {"lines_not_read": ["/lines"]}
    assert "The table of items" in " ".join(validate(found, threshold=0.5).review_reasons)


def test_a_printed_iban_is_stored_without_spaces_and_proven_as_printed() -> None:
    printed = "DE89 3704 0044 0532 0130 00"
    found = read({"/payment/accounts/0/iban": Value(printed)}, f"IBAN {printed}")
    assert found.result.payment is not None
    assert found.result.payment.accounts[0].iban == "DE89370400440532013000"
    assert found.evidence["/payment/accounts/0/iban"].text == printed


def test_an_e_invoice_keeps_its_signs() -> None:
    found = read(
        {
            "/document_type": Value("381", "credit_note", origin="xml"),
            "/totals/gross": Value("-1.00", "-1.00", origin="xml"),
        }
    )
    assert found.result.totals.gross == Decimal("-1.00")


def test_the_parts_of_a_line_are_found_beside_one_another() -> None:
    words = [
        Word("1", 50, 10, 60, 20),
        Word("Hammer", 50, 100, 90, 110),
        Word("1", 200, 100, 210, 110),
    ]
    document = Document("application/pdf", b"", (Page(1, 600, 800, tuple(words), "text"),))
    values = {"/lines/0/description": Value("Hammer"), "/lines/0/quantity": Value("1")}
    found = normalise(Reading("llm", (InvoiceReading(values),)), document, Options())[0]
    assert found.evidence["/lines/0/quantity"].boxes[0][1] == 0.125
