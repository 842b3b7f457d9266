from typing import Any

import pytest

from invoice_extraction.engines.llm.parse import to_reading
from invoice_extraction.engines.llm.wire import WireAnswer
from invoice_extraction.model.document import Document, Page
from invoice_extraction.model.invoice import Invoice
from invoice_extraction.model.options import ModelOptions, Options
from invoice_extraction.model.reading import Reading, Usage, Value
from tests.engines.llm.answers import SIMPLE, answer, invoice, line, party, tax

TWO_PAGES = Document("application/pdf", b"", pages=(Page(1, 595, 842), Page(2, 595, 842)))

OPTIONS = Options(model=ModelOptions(model="google:some", api_key="k"))


def reading(given: dict[str, Any]) -> Reading:
    return to_reading(WireAnswer.model_validate(given), Usage(calls=1), TWO_PAGES, OPTIONS)


def values(**fields: Any) -> dict[str, Value]:
    return reading(answer(invoice(**fields))).invoices[0].values


FULL = answer(
    invoice(
        pages=[2, 1, 1, 9, -1],
        invoice_number=" R-1 ",
        issue_date_text="31.01.2026",
        issue_date="2026-01-31",
        due_date_text="28.02.2026",
        due_date="2026-02-28",
        purchase_order="PO-9",
        buyer_reference="B-3",
        corrected_invoice="R-0",
        payment_reference="RF18",
        bic="MARKDEF1100",
        currency="EUR",
        seller=party(
            name="Musterwerk GmbH",
            address="Beispielweg 1\n12345 Musterstadt",
            country="DE",
            tax_id="DE123456789",
            email="office@musterwerk.example",
            iban="DE02 1203 0000 0000 2020 51",
        ),
        buyer=party(name="Probe AG", iban="DE75 5121 0800 1245 1261 99"),
        lines=[
            line(),
            line(
                description="Planning",
                sku="P-1",
                quantity="2",
                unit="h",
                unit_price="50,00",
                discount="5,00",
                tax_rate="19 %",
                amount="100,00",
                page=2,
            ),
        ],
        subtotal="100,00",
        discount="-10,00",
        shipping="5,00",
        taxes=[tax(rate="19 %", base="95,00", amount="18,05")],
        tax_total="18,05",
        total="113,05",
        amount_paid="13,05",
        amount_due="100,00",
        payment_terms="14 days",
        notes="Thank\nyou",
        sources=[
            {"field": "issue_date_text", "quote": "Date 31.01.2026", "page": 1},
            {"field": "taxes[0].amount", "quote": "19 % 18,05", "page": 2},
            {"field": "seller.iban", "quote": "IBAN DE02", "page": 7},
            {"field": "nothing", "quote": "x", "page": 1},
        ],
    ),
    document_type="pro_forma",
    language="de",
)


def test_every_field_has_its_pointer() -> None:
    found = {pointer: value.text for pointer, value in reading(FULL).invoices[0].values.items()}
    assert found == {
        "/document_type": "proforma",
        "/language": "de",
        "/invoice_number": "R-1",
        "/issue_date": "31.01.2026",
        "/due_date": "28.02.2026",
        "/purchase_order_reference": "PO-9",
        "/buyer_reference": "B-3",
        "/preceding_invoices/0/invoice_number": "R-0",
        "/payment/reference": "RF18",
        "/payment/accounts/0/bic": "MARKDEF1100",
        "/currency": "EUR",
        "/seller/name": "Musterwerk GmbH",
        "/seller/address/text": "Beispielweg 1, 12345 Musterstadt",
        "/seller/address/country": "DE",
        "/seller/tax_id": "DE123456789",
        "/seller/email": "office@musterwerk.example",
        "/payment/accounts/0/iban": "DE02 1203 0000 0000 2020 51",
        "/buyer/name": "Probe AG",
        "/lines/0/description": "Planning",
        "/lines/0/product_code": "P-1",
        "/lines/0/quantity": "2",
        "/lines/0/unit": "h",
        "/lines/0/unit_price": "50,00",
        "/lines/0/tax_rate": "19 %",
        "/lines/0/net_amount": "100,00",
        "/lines/0/discount_amount": "5,00",
        "/totals/lines_net": "100,00",
        "/allowances/0/amount": "-10,00",
        "/charges/0/amount": "5,00",
        "/taxes/0/rate": "19 %",
        "/taxes/0/taxable_amount": "95,00",
        "/taxes/0/tax_amount": "18,05",
        "/totals/tax": "18,05",
        "/totals/gross": "113,05",
        "/totals/paid": "13,05",
        "/totals/amount_due": "100,00",
        "/payment/terms": "14 days",
        "/notes/0": "Thank you",
    }


def test_every_pointer_is_a_field_of_the_invoice() -> None:
    for pointer in reading(FULL).invoices[0].values:
        schema: dict[str, Any] = Invoice.model_json_schema()
        at: dict[str, Any] = schema
        for step in pointer.split("/")[1:]:
            for option in [at, *at.get("anyOf", [])]:
                if "$ref" in option:
                    at = schema["$defs"][option["$ref"].rpartition("/")[2]]
            at = at["items"] if step.isdigit() else at["properties"][step]


def test_no_value_is_located_or_scored_here() -> None:
    for value in reading(FULL).invoices[0].values.values():
        assert value.boxes == ()
        assert value.score is None


def test_quotes_and_pages_follow_the_sources() -> None:
    part = reading(FULL).invoices[0]
    assert part.pages == (1, 2)
    assert part.quotes == {
        "/issue_date": "Date 31.01.2026",
        "/taxes/0/tax_amount": "19 % 18,05",
        "/payment/accounts/0/iban": "IBAN DE02",
    }
    assert part.values["/issue_date"].page == 1
    assert part.values["/lines/0/net_amount"].page == 2
    assert part.values["/payment/accounts/0/iban"].page is None


def test_the_buyers_account_is_never_one_to_pay_to() -> None:
    part = reading(FULL).invoices[0]
    assert "DE75 5121 0800 1245 1261 99" not in {value.text for value in part.values.values()}
    assert part.unmapped[0].value == "DE75 5121 0800 1245 1261 99"


@pytest.mark.parametrize(
    ("text", "iso", "canonical"),
    [
        ("31.01.2026", "2026-01-31", "2026-01-31"),
        ("01/31/2026", "2026-01-31", "2026-01-31"),
        ("2026-03-04", "2026-03-04", "2026-03-04"),
        ("2026年3月4日", "2026-03-04", "2026-03-04"),
        ("05.05.2026", "2026-05-05", "2026-05-05"),
        ("03/04/2026", "2026-04-03", None),
        ("31.01.2026", "2026-02-01", None),
        ("31.01.26", "2026-01-31", None),
        ("4 March 2026", "2026-03-04", None),
        ("31.02.2026", "2026-02-28", None),
        ("soon", "2026-01-31", None),
        ("31.01.2026", None, None),
    ],
)
def test_a_date_is_certain_only_where_its_text_allows_one(
    text: str, iso: str | None, canonical: str | None
) -> None:
    date = values(issue_date_text=text, issue_date=iso)["/issue_date"]
    assert (date.text, date.canonical) == (text, canonical)


def test_an_iso_date_without_its_text_is_left_to_be_parsed_and_found() -> None:
    assert values(due_date="2026-01-31")["/due_date"] == Value("2026-01-31")


@pytest.mark.parametrize(
    ("text", "canonical"), [("EUR", "EUR"), ("€", None), ("$", None), ("ABC", None), ("eur", None)]
)
def test_a_currency_is_certain_only_as_a_code(text: str, canonical: str | None) -> None:
    assert values(currency=text)["/currency"] == Value(text, canonical)


def test_a_country_is_certain_only_as_a_code() -> None:
    seller, buyer = party(country="AT"), party(country="Austria")
    found = values(seller=seller, buyer=buyer)
    assert found["/seller/address/country"] == Value("AT", "AT")
    assert found["/buyer/address/country"] == Value("Austria")


@pytest.mark.parametrize("nothing", ["", "  ", "null", "N/A", "-"])
def test_what_says_nothing_is_no_value(nothing: str) -> None:
    assert "/invoice_number" not in values(invoice_number=nothing)


def test_a_runaway_value_is_left_out_and_told() -> None:
    given = reading(answer(invoice(invoice_number="1" * 501, notes="n" * 4001, total="5")))
    assert given.invoices[0].values.keys() >= {"/totals/gross"}
    assert "/invoice_number" not in given.invoices[0].values
    assert len([text for text in given.warnings if "left out" in text]) == 2
    assert all(len(text) < 200 for text in given.warnings)


def test_control_characters_do_not_get_through() -> None:
    assert values(notes="a\x00b\x1b[31mc")["/notes/0"].text == "ab[31mc"


def test_lines_with_tax_are_gross() -> None:
    lines = [line(amount="59,50"), line(amount="59,50")]
    found = values(lines=lines, subtotal="100,00", tax_total="19,00", total="119,00")
    assert found["/lines/0/gross_amount"].text == "59,50"
    assert found["/prices_include_tax"].canonical == "true"
    assert found["/prices_include_tax"].origin == "derived"


def test_lines_without_tax_are_net() -> None:
    found = values(lines=[line(amount="100,00")], taxes=[tax(amount="19,00")], total="119,00")
    assert found["/lines/0/net_amount"].text == "100,00"
    assert "/prices_include_tax" not in found


def test_lines_that_make_a_total_without_a_word_of_tax_are_gross() -> None:
    lines = [line(amount="5.00"), line(amount="4.00")]
    found = values(lines=lines, total="9.00")
    assert [found[f"/lines/{n}/gross_amount"].text for n in (0, 1)] == ["5.00", "4.00"]
    assert "/lines/0/net_amount" not in found
    assert "/prices_include_tax" not in found


@pytest.mark.parametrize("total", ["10.80", None])
def test_lines_that_may_be_with_or_without_tax_are_neither(total: str | None) -> None:
    given = reading(answer(invoice(lines=[line(description="Cake", amount="9.00")], total=total)))
    part = given.invoices[0]
    assert {p for p in part.values if p.startswith("/lines")} == {"/lines/0/description"}
    assert [(u.path, u.value) for u in part.unmapped] == [("lines.0.amount", "9.00")]


def test_several_invoices_are_several_readings() -> None:
    given = reading(answer(invoice(invoice_number="A"), invoice(invoice_number="B")))
    assert [part.values["/invoice_number"].text for part in given.invoices] == ["A", "B"]


@pytest.mark.parametrize(("told", "kind"), [("reminder", "reminder"), ("invoice", "other")])
def test_a_file_without_an_invoice_says_what_it_is_and_nothing_else(told: str, kind: str) -> None:
    given = reading(answer(document_type=told))
    (part,) = given.invoices
    assert {pointer: value.canonical for pointer, value in part.values.items()} == {
        "/document_type": kind,
        "/language": "en",
    }
    assert told in given.warnings[0]


def test_what_the_model_remarks_is_marked_as_its_own() -> None:
    given = reading(SIMPLE | {"warnings": ["Pay\nelsewhere" + "!" * 400], "unreadable": ["page 2"]})
    assert given.warnings[0] == "The model could not read: page 2"
    assert given.warnings[1].startswith("The model remarks: Pay elsewhere!")
    assert len(given.warnings[1]) < 330


def test_a_discount_of_a_line_is_a_percentage_where_it_is_printed_as_one() -> None:
    found = values(
        lines=[line(description="A", discount="10 %"), line(description="B", discount="1")]
    )
    assert found["/lines/0/discount_percent"].text == "10 %"
    assert found["/lines/1/discount_amount"].text == "1"
