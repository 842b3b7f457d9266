from datetime import date
from decimal import Decimal

import pytest

from invoice_extraction.model.document import Document, Page, Word
from invoice_extraction.model.extraction import ExtractedInvoice
from invoice_extraction.model.options import Options
from invoice_extraction.model.reading import InvoiceReading, Reading, Value
from invoice_extraction.normalise import normalise
from invoice_extraction.normalise.locate import Budget
from invoice_extraction.validate import validate
from invoice_extraction.validate.confidence import REVIEWED


def read(
    values: dict[str, Value],
    text: str = "",
    quotes: dict[str, str] | None = None,
    *,
    gap: int = 10,
) -> ExtractedInvoice:
    """Normalise values beside a page with the text on one line, its words `gap` points apart."""
    step = 50 + gap
    words = tuple(
        Word(word, 50 + step * n, 100, 100 + step * n, 110) for n, word in enumerate(text.split())
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
    assert evidence.boxes == ((0.11, 0.2, 0.22, 0.22),)


def test_what_is_read_from_a_doubtful_word_is_told_as_less_certain() -> None:
    words = (
        Word("ACME", 50, 100, 90, 110, confidence=0.99),
        Word("Lirnited", 95, 100, 150, 110, confidence=0.6),
        Word("119.00", 50, 120, 90, 130, confidence=0.99),
    )
    values = {
        "/seller/name": Value("ACME Lirnited", page=1, boxes=((50, 100, 150, 110),), score=0.9),
        "/totals/gross": Value("119.00", page=1, boxes=((50, 120, 90, 130),), score=0.9),
    }
    evidence = {}
    for origin in ("ocr", "text"):
        pages = (Page(1, 1000, 500, words, origin),)
        reading = Reading("layout", (InvoiceReading(values),))
        found = normalise(reading, Document("image/png", b"", pages), Options())[0]
        evidence[origin] = {p: round(e.confidence, 3) for p, e in found.evidence.items()}
    assert evidence["ocr"] == {"/seller/name": 0.54, "/totals/gross": 0.891}
    assert evidence["text"] == {"/seller/name": 0.9, "/totals/gross": 0.9}


def test_a_value_that_is_not_on_the_page_is_the_models_word_alone() -> None:
    found = read({"/seller/name": Value("Nobody Ltd")}, "ACME Ltd")
    evidence = found.evidence["/seller/name"]
    assert (evidence.origin, evidence.page, evidence.boxes, evidence.level) == (
        "model",
        None,
        (),
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


def test_an_e_invoices_credit_note_with_minus_signs_is_stored_positive() -> None:
    found = read(
        {
            "/document_type": Value("381", "credit_note", origin="xml"),
            "/lines/0/quantity": Value("-1", "-1", origin="xml"),
            "/lines/0/net_amount": Value("-1.00", "-1.00", origin="xml"),
            "/totals/net": Value("-1.00", "-1.00", origin="xml"),
            "/totals/gross": Value("-1.20", "-1.20", origin="xml"),
        }
    )
    line = found.result.lines[0]
    assert found.result.totals.gross == Decimal("1.20")
    assert line.net_amount == line.quantity == 1
    assert found.evidence["/totals/gross"].text == "-1.20"
    assert [c.status for c in found.checks if c.id == "sign_normalised"] == ["pass"]


def test_an_e_invoices_credit_note_with_both_signs_is_kept_and_told() -> None:
    found = read(
        {
            "/document_type": Value("381", "credit_note", origin="xml"),
            "/totals/net": Value("1.00", "1.00", origin="xml"),
            "/totals/gross": Value("-1.20", "-1.20", origin="xml"),
        }
    )
    assert found.result.totals.gross == Decimal("-1.20")
    assert failed(found) == {"sign_unusual": ["/totals/net"]}


@pytest.mark.parametrize("code", ["380", "384"])
def test_an_e_invoice_with_negative_amounts_keeps_them(code: str) -> None:
    values = {
        "/document_type": Value(code, "invoice", origin="xml"),
        "/totals/gross": Value("-1.00", "-1.00", origin="xml"),
    }
    assert read(values).result.totals.gross == Decimal("-1.00")


@pytest.mark.parametrize(
    ("pointer", "text", "value"),
    [
        ("/totals/gross", "1,50", Decimal("1.50")),
        ("/issue_date", "13/04/2026", date(2026, 4, 13)),
    ],
)
def test_what_an_e_invoice_writes_in_no_form_of_its_own_is_not_certain(
    pointer: str, text: str, value: object
) -> None:
    found = read({pointer: Value(text, origin="xml")})
    result = found.result
    assert value in (result.totals.gross, result.issue_date)
    assert found.evidence[pointer].confidence < 0.8
    note = read({"/notes/0": Value("Thank you", origin="xml")})
    assert note.evidence["/notes/0"].confidence == 1.0


@pytest.mark.parametrize(
    ("told", "text"),
    [("-100.00", "Total 100.00"), ("100.00", "Total -100.00"), ("100.00", "Total 100.00 CR")],
)
def test_an_amount_with_another_sign_than_the_page_is_not_located(told: str, text: str) -> None:
    found = read({"/totals/gross": Value(told)}, text, gap=5)
    assert failed(found) == {"not_found_on_page": ["/totals/gross"]}


def test_a_payment_is_proven_with_or_without_its_minus() -> None:
    values = {"/totals/paid": Value("20.00"), "/allowances/0/amount": Value("5.00")}
    assert failed(read(values, "Discount -5.00 Paid -20.00")) == {}


@pytest.mark.parametrize(
    ("pointer", "told", "text"),
    [
        ("/invoice_number", "INV-ABCDEG-77", "Invoice INV-ABCDEF-77"),
        ("/invoice_number", "77", "Invoice INV-ABCDEF-77"),
        ("/purchase_order_reference", "4711", "Order 4711/2026"),
        ("/seller/email", "office@acme-trading.example", "offlce@acme-trading.example"),
        ("/payment/accounts/0/bic", "COBADEFFXXX", "BIC COBADEEFXXX"),
        ("/seller/tax_id", "123456789", "VAT DE123456789"),
        ("/lines/0/product_code", "ABCDEFGH-IJ", "ABCDEFGH-IK"),
    ],
)
def test_an_identifier_is_proven_by_itself_alone(pointer: str, told: str, text: str) -> None:
    assert failed(read({pointer: Value(told)}, text)) == {"not_found_on_page": [pointer]}


@pytest.mark.parametrize("text", ["No.4711", "Ref:4711,", "(4711)", "#4711", "N°4711", "4711."])
def test_a_label_in_its_word_does_not_hide_an_identifier(text: str) -> None:
    assert failed(read({"/invoice_number": Value("4711")}, text)) == {}


def test_a_name_with_other_letters_is_located_and_not_certain() -> None:
    found = read({"/seller/name": Value("ACNE Supplies Limited")}, "ACME Supplies Limited")
    evidence = found.evidence["/seller/name"]
    assert (evidence.text, evidence.page) == ("ACME Supplies Limited", 1)
    assert evidence.confidence < REVIEWED


def pages(*texts: str) -> Document:
    made = (
        Page(
            n,
            1000,
            500,
            tuple(Word(w, 60 * k, 100, 60 * k + 50, 110) for k, w in enumerate(words)),
            "text",
        )
        for n, words in enumerate((text.split() for text in texts), start=1)
    )
    return Document("application/pdf", b"", tuple(made))


def test_a_value_is_searched_on_the_pages_of_its_invoice_alone() -> None:
    document = pages("A1 100.00", "A2 200.00")
    readings = (
        InvoiceReading({"/totals/gross": Value("200.00")}, pages=(1,)),
        InvoiceReading({"/totals/gross": Value("200.00")}, pages=(2,)),
        InvoiceReading({"/totals/gross": Value("200.00")}),
    )
    first, second, anywhere = normalise(Reading("llm", readings), document, Options())
    assert failed(first) == {"not_found_on_page": ["/totals/gross"]}
    assert second.evidence["/totals/gross"].page == anywhere.evidence["/totals/gross"].page == 2


def test_a_page_of_no_invoice_among_several_is_told() -> None:
    document = pages("A1", "A2", "A3", "")
    readings = (InvoiceReading({}, pages=(1,)), InvoiceReading({}, pages=(2,)))
    for found in normalise(Reading("llm", readings), document, Options()):
        [check] = [c for c in found.checks if c.id == "page_not_assigned"]
        assert (check.status, check.found) == ("fail", "3")
    whole = (*readings, InvoiceReading({}, pages=(3,)))
    assert [i.checks for i in normalise(Reading("llm", whole), document, Options())] == [[], [], []]
    [alone] = normalise(Reading("llm", readings[:1]), document, Options())
    assert alone.checks == []


def test_an_iso_date_is_not_proven_by_a_print_that_can_be_two_days() -> None:
    values = {"/issue_date": Value("2026-04-03")}
    assert failed(read(values, "Date 03/04/2026")) == {"not_found_on_page": ["/issue_date"]}
    settled = read(values, "Date 03/04/2026 due 30/04/2026")
    assert settled.evidence["/issue_date"].text == "03/04/2026"
    assert failed(read({"/issue_date": Value("2026-03-04")}, "03/04/2026 30/04/2026")) == {
        "not_found_on_page": ["/issue_date"]
    }


def test_another_day_of_the_same_digits_is_no_proof() -> None:
    found = read({"/issue_date": Value("1.12.2026")}, "11.2.2026")
    assert failed(found) == {"not_found_on_page": ["/issue_date"]}


@pytest.mark.parametrize(
    ("country", "text", "currency"),
    [
        ("US", "ACME Ontario $ 5.00", None),
        ("US", "ACME US $ 5.00", "USD"),
        ("US", "tell us $ 5.00", None),
        ("CA", "Ontario Canada $ 5.00", "CAD"),
        ("USA", "Ohio USA $ 5.00", "USD"),
        ("US", "Ohio U.S.A. $ 5.00", "USD"),
    ],
)
def test_a_shared_sign_is_settled_by_a_printed_country_alone(
    country: str, text: str, currency: str | None
) -> None:
    found = read({"/seller/address/country": Value(country), "/currency": Value("$")}, text)
    assert found.result.currency == currency


def test_a_shared_sign_is_no_more_certain_than_the_country_that_settles_it() -> None:
    country = Value("US", page=1, boxes=((0, 0, 9, 9),), score=0.6)
    values = {"/seller/address/country": country, "/currency": Value("$")}
    assert read(values, "US $ 5.00").evidence["/currency"].confidence == 0.6
    assert (
        read(values | {"/currency": Value("€")}, "€ 5.00").evidence["/currency"].confidence == 0.85
    )


@pytest.mark.parametrize("text", ["Germany", "Deutschland", "Allemagne"])
def test_a_countrys_name_is_its_code(text: str) -> None:
    found = read({"/seller/address/country": Value(text)}, f"12345 Berlin {text}")
    assert found.result.seller is not None
    assert found.result.seller.address is not None
    assert found.result.seller.address.country == "DE"
    assert found.evidence["/seller/address/country"].page == 1


def test_an_unknown_country_is_null_and_needs_nobody() -> None:
    found = read({"/seller/address/country": Value("Atlantis")}, "Atlantis")
    assert found.result.seller is None
    assert found.checks == []


@pytest.mark.parametrize(
    ("currency", "text", "value"),
    [("JPY", "12,345", 12345), ("KWD", "12.345", Decimal("12.345")), ("EUR", "1.234", None)],
)
def test_a_currencys_decimals_tell_what_a_lone_separator_means(
    currency: str, text: str, value: object
) -> None:
    values = {"/currency": Value(currency), "/totals/gross": Value(text)}
    assert read(values, f"Total {currency} {text}").result.totals.gross == value


def test_a_total_is_found_below_what_it_sums_up() -> None:
    words = [Word("100.00", 50, 100, 90, 110), Word("100.00", 50, 300, 90, 310)]
    document = Document("application/pdf", b"", (Page(1, 600, 800, tuple(words), "text"),))
    values = {"/totals/gross": Value("100.00"), "/lines/0/net_amount": Value("100.00")}
    [found] = normalise(Reading("llm", (InvoiceReading(values),)), document, Options())
    assert found.evidence["/totals/gross"].boxes[0][1] == 0.375
    assert found.evidence["/lines/0/net_amount"].boxes[0][1] == 0.125


def test_what_is_derived_is_no_more_certain_than_its_sources() -> None:
    derived = Value("true", "true", origin="derived")
    values = {"/prices_include_tax": derived, "/totals/gross": Value("9.00")}
    assert read(values, "9.00").evidence["/prices_include_tax"].confidence == 0.85
    assert read(values, "8.00").evidence["/prices_include_tax"].confidence == 0.35


def test_a_search_that_takes_too_long_is_stopped_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("invoice_extraction.normalise.Budget", lambda: Budget(-1))
    found = read({"/invoice_number": Value("A1")}, "A1")
    assert failed(found) == {"search_stopped": ["/invoice_number"]}
    assert found.evidence["/invoice_number"].origin == "model"


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


def test_a_rate_stands_beside_its_own_tax_and_not_in_a_line() -> None:
    rows = {100: ("Anfahrt", "7%", "31.00"), 300: ("MwSt", "7%", "2.17")}
    words = tuple(
        Word(text, 50 + 100 * n, top, 90 + 100 * n, top + 10)
        for top, row in rows.items()
        for n, text in enumerate(row)
    )
    values = {
        "/taxes/0/rate": Value("7%", "7", page=1, score=0.85),
        "/taxes/0/tax_amount": Value("2.17", "2.17", page=1, boxes=((250, 300, 290, 310),)),
    }
    reading = Reading("layout", (InvoiceReading(values),))
    pages = (Page(1, 1000, 500, words, "text"),)
    [found] = normalise(reading, Document("application/pdf", b"", pages), Options())
    assert found.evidence["/taxes/0/rate"].boxes == ((0.15, 0.6, 0.19, 0.62),)
