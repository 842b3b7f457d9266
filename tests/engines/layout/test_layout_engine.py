from collections.abc import Sequence

import pytest

from invoice_extraction.engines.layout.engine import read
from invoice_extraction.errors import NoEngineConfigured
from invoice_extraction.model.document import Document, Page
from invoice_extraction.model.options import Options
from tests.engines.layout import paper
from tests.engines.layout.paper import Line, document


def values(lines: Sequence[Line]) -> dict[str, str]:
    return paper.texts(paper.values(*lines))


ENGLISH: list[Line] = [
    (50, 40, "Northfield Tools Ltd"),
    (50, 55, "12 Mill Road"),
    (50, 70, "Leeds LS1 4AB"),
    (50, 85, "VAT No: GB123456789"),
    (380, 40, "INVOICE"),
    (380, 120, "Invoice Number:"),
    (480, 120, "NT-2026-0042"),
    (380, 135, "Invoice Date:"),
    (480, 135, "14/03/2026"),
    (380, 150, "Due Date:"),
    (480, 150, "13/04/2026"),
    (380, 165, "PO Number:"),
    (480, 165, "PO-7781"),
    (50, 150, "Bill To"),
    (50, 165, "Harbour Cafe Ltd"),
    (50, 180, "3 Quay Street"),
    (50, 300, "Description"),
    (300, 300, "Qty"),
    (400, 300, "Unit Price"),
    (500, 300, "Amount"),
    (50, 320, "Claw hammer"),
    (300, 320, "4"),
    (400, 320, "£25.00"),
    (500, 320, "£100.00"),
    (50, 335, "Delivery"),
    (300, 335, "1"),
    (400, 335, "£20.00"),
    (500, 335, "£20.00"),
    (400, 400, "Subtotal"),
    (500, 400, "£120.00"),
    (400, 415, "VAT 20%"),
    (500, 415, "£24.00"),
    (400, 430, "Total"),
    (500, 430, "£144.00"),
]

GERMAN: list[Line] = [
    (60, 130, "Werkhof Brandt GmbH · Lindenweg 4 · 50667 Köln"),
    (60, 145, "Bäckerei Sommer"),
    (60, 160, "Marktplatz 9"),
    (60, 175, "53111 Bonn"),
    (400, 145, "Rechnungsdatum: 03.02.2026"),
    (400, 160, "Kundennummer: 20917"),
    (60, 240, "Rechnung Nr. 2026-118"),
    (60, 300, "Bezeichnung"),
    (300, 300, "Menge"),
    (400, 300, "Einzelpreis"),
    (500, 300, "Betrag"),
    (60, 320, "Wartung der Knetmaschine"),
    (300, 320, "2"),
    (400, 320, "500,00"),
    (500, 320, "1.000,00"),
    (350, 400, "Nettobetrag"),
    (500, 400, "1.000,00 €"),
    (350, 415, "zzgl. 19 % MwSt."),
    (500, 415, "190,00 €"),
    (350, 430, "Rechnungsbetrag"),
    (500, 430, "1.190,00 €"),
    (60, 480, "Zahlbar bis 05.03.2026 auf unser Konto"),
    (60, 760, "Werkhof Brandt GmbH"),
    (250, 760, "IBAN DE89 3704 0044 0532 0130 00"),
    (60, 775, "Lindenweg 4, 50667 Köln"),
    (250, 775, "USt-IdNr. DE136695976"),
]


def test_an_english_invoice_is_read() -> None:
    found = {p: v for p, v in values(ENGLISH).items() if not p.startswith("/lines/")}
    assert found == {
        "/document_type": "invoice",
        "/language": "en",
        "/invoice_number": "NT-2026-0042",
        "/issue_date": "2026-03-14",
        "/due_date": "2026-04-13",
        "/purchase_order_reference": "PO-7781",
        "/seller/name": "Northfield Tools Ltd",
        "/seller/address/text": "12 Mill Road, Leeds LS1 4AB",
        "/seller/address/street": "12 Mill Road",
        "/seller/address/postal_code": "LS1 4AB",
        "/seller/address/city": "Leeds",
        "/seller/tax_id": "GB123456789",
        "/buyer/name": "Harbour Cafe Ltd",
        "/totals/net": "120.00",
        "/totals/tax": "24.00",
        "/totals/gross": "144.00",
        "/totals/amount_due": "144.00",
        "/taxes/0/rate": "20",
        "/taxes/0/taxable_amount": "120.00",
        "/taxes/0/tax_amount": "24.00",
        "/prices_include_tax": "false",
        "/currency": "GBP",
    }


def test_items_are_read_where_they_add_up() -> None:
    found = values(ENGLISH)
    assert [found[f"/lines/0/{n}"] for n in ("description", "quantity", "unit_price")] == [
        "Claw hammer",
        "4",
        "25.00",
    ]
    assert found["/lines/1/net_amount"] == "20.00"
    assert "/lines/2/net_amount" not in found


def without_delivery(price: str) -> list[Line]:
    """Return the English invoice with the one of its items, at a price for four, that leads to no sum."""
    lines = [line for line in ENGLISH if line[1] != 335]
    return [(x, y, price) if (x, y) == (400, 320) else (x, y, text) for x, y, text in lines]


def test_items_that_do_not_add_up_are_left_out() -> None:
    found = values(without_delivery("£24.00"))
    assert not any(pointer.startswith("/lines/") for pointer in found)


def test_items_that_prove_themselves_are_given_though_they_do_not_add_up() -> None:
    lines = without_delivery("£25.00")
    assert values(lines)["/lines/0/net_amount"] == "100.00"
    assert read(document(*lines), Options()).invoices[0].unread == ("/lines",)


def test_the_date_beside_the_number_is_the_date_of_issue() -> None:
    found = values(
        [(50, 40, "Vordruck vom 01.02.2020"), (50, 80, "Rechnung Nr. 4711 vom 05.03.2026")]
    )
    assert found["/issue_date"] == "2026-03-05"


def test_a_german_letter_is_read() -> None:
    found = values(GERMAN)
    assert found["/invoice_number"] == "2026-118"
    assert found["/issue_date"] == "2026-02-03"
    assert found["/due_date"] == "2026-03-05"
    assert found["/seller/name"] == "Werkhof Brandt GmbH"
    assert found["/buyer/name"] == "Bäckerei Sommer"
    assert found["/seller/tax_id"] == "DE136695976"
    assert found["/payment/accounts/0/iban"] == "DE89 3704 0044 0532 0130 00"
    assert found["/currency"] == "EUR"
    assert [found[f"/totals/{name}"] for name in ("net", "tax", "gross")] == [
        "1000.00",
        "190.00",
        "1190.00",
    ]


def test_a_date_that_may_begin_with_its_year_is_left_open_where_the_month_comes_first() -> None:
    found = values([(50, 60, "Invoice date: 26-03-04"), (50, 90, "Delivery: 02/28/2026")])
    assert found["/issue_date"] == "26-03-04"
    found = values([(50, 60, "Invoice date: 26-03-04"), (50, 90, "Delivery: 28/02/2026")])
    assert found["/issue_date"] == "2004-03-26"


def test_thin_evidence_gives_no_value() -> None:
    found = values([(50, 300, "Some words"), (300, 300, "12.50"), (50, 400, "99.00")])
    assert found == {}


def test_a_dollar_without_a_country_is_no_currency() -> None:
    assert "/currency" not in values([(50, 300, "Total"), (300, 300, "$12.50")])
    found = values([(50, 60, "Austin, TX 78701"), (50, 300, "Total"), (300, 300, "$12.50")])
    assert found["/currency"] == "USD"


def test_an_ambiguous_date_is_left_for_the_check() -> None:
    [invoice] = read(document((50, 60, "Invoice Date: 03/04/2026")), Options()).invoices
    value = invoice.values["/issue_date"]
    assert (value.text, value.canonical) == ("03/04/2026", None)


def test_the_title_tells_a_credit_note() -> None:
    found = values([(50, 40, "CREDIT NOTE"), (50, 80, "Credit Note No: CN-19")])
    assert found["/document_type"] == "credit_note"
    assert found["/invoice_number"] == "CN-19"


def test_what_is_read_stands_in_its_box() -> None:
    [invoice] = read(document(*ENGLISH), Options()).invoices
    value = invoice.values["/totals/gross"]
    assert (value.page, value.boxes, value.text) == (1, ((500, 430, 535, 438),), "£144.00")
    assert value.score is not None
    assert 0.9 <= value.score <= 1


def test_a_document_without_words_asks_for_a_model() -> None:
    with pytest.raises(NoEngineConfigured) as refused:
        read(Document("image/png", b"", (Page(1, 100, 100),)), Options())
    assert "GEMINI_API_KEY" in refused.value.hint


def test_a_number_without_digits_is_taken_where_its_label_says_so() -> None:
    assert values([(50, 60, "Invoice number: INV-CT-OCTET")])["/invoice_number"] == "INV-CT-OCTET"
    assert "/invoice_number" not in values([(50, 60, "Invoice number: see below")])
    assert "/invoice_number" not in values([(50, 60, "Invoice number"), (50, 72, "NORTH-WEST")])
    assert "/invoice_number" not in values([(50, 60, "Invoice INV-CT-OCTET")])


def test_a_reference_of_the_buyers_is_no_order() -> None:
    found = values([(50, 60, "Ihr Zeichen: 04-118"), (50, 80, "Your order: 7781")])
    assert found["/buyer_reference"] == "04-118"
    assert found["/purchase_order_reference"] == "7781"


def test_a_reference_that_names_itself_an_order_is_one_too() -> None:
    found = values([(50, 60, "Your reference: PO445")])
    assert found["/buyer_reference"] == found["/purchase_order_reference"] == "PO445"


def test_the_number_after_the_title_is_the_invoices() -> None:
    found = values(
        [(50, 60, "Handelsrechnung (380) Nr. 4711 vom 05.03.2026"), (50, 90, "Nr. 99123")]
    )
    assert found["/invoice_number"] == "4711"


def test_a_label_ends_where_a_number_goes_on() -> None:
    found = values([(50, 60, "Order reference: PO-GREEN-3141")])
    assert found["/purchase_order_reference"] == "PO-GREEN-3141"


def test_a_table_that_does_not_add_up_is_told_as_not_read() -> None:
    without = without_delivery("£24.00")
    assert read(document(*without), Options()).invoices[0].unread == ("/lines",)
    assert read(document(*ENGLISH), Options()).invoices[0].unread == ()
    assert (
        read(document((50, 300, "Total"), (300, 300, "9.00")), Options()).invoices[0].unread == ()
    )


def test_a_credit_note_names_the_invoice_it_corrects() -> None:
    found = values(
        [
            (50, 40, "Credit note"),
            (300, 60, "Credit note no:"),
            (400, 60, "CN-19"),
            (300, 75, "Date of issue:"),
            (400, 75, "25 July 2025"),
            (300, 90, "Original invoice:"),
            (400, 90, "INV-386"),
            (300, 105, "Invoice dated:"),
            (400, 105, "18 July 2025"),
        ]
    )
    assert (found["/invoice_number"], found["/issue_date"]) == ("CN-19", "2025-07-25")
    assert found["/preceding_invoices/0/invoice_number"] == "INV-386"
    assert found["/preceding_invoices/0/issue_date"] == "2025-07-18"


def test_an_address_window_on_the_right_holds_the_buyer() -> None:
    found = values(
        [
            (50, 40, "Moulin Clair SARL"),
            (50, 52, "12 chemin du Four"),
            (50, 64, "84000 Avignon"),
            (340, 110, "Boutique du Port"),
            (340, 122, "35 rue des Tilleuls"),
            (340, 134, "69001 Lyon"),
            (50, 220, "Facture FA-2026-0010"),
        ]
    )
    assert found["/buyer/name"] == "Boutique du Port"


def test_a_buyers_name_may_stand_below_its_number() -> None:
    found = values(
        [(50, 100, "Käufer:"), (50, 112, "GLN 4012345000009"), (50, 124, "Bäckerei Sommer GmbH")]
    )
    assert found["/buyer/name"] == "Bäckerei Sommer GmbH"


def test_the_country_of_a_tax_number_tells_how_its_dates_are_written() -> None:
    found = values([(50, 40, "VAT No: IE6388047V"), (50, 60, "Invoice date: 03/04/2026")])
    assert found["/issue_date"] == "2026-04-03"


def test_an_address_stands_below_its_name_or_behind_it() -> None:
    found = values(GERMAN)
    seller = {part: found[f"/seller/address/{part}"] for part in ("street", "postal_code", "city")}
    buyer = {part: found[f"/buyer/address/{part}"] for part in ("street", "postal_code", "city")}
    assert seller == {"street": "Lindenweg 4", "postal_code": "50667", "city": "Köln"}
    assert buyer == {"street": "Marktplatz 9", "postal_code": "53111", "city": "Bonn"}


def test_a_state_and_a_country_are_parts_of_an_address() -> None:
    found = values(
        [
            (50, 60, "Bill to:"),
            (50, 75, "Oak Street Market LLC"),
            (50, 90, "14 Depot Street"),
            (50, 105, "Austin, TX 78701"),
        ]
    )
    assert found["/buyer/address/region"] == "TX"
    assert found["/buyer/address/city"] == "Austin"
    found = values([(50, 60, "Käufer:"), (50, 75, "Kunden AG"), (50, 90, "FR 69001 Lyon")])
    assert (found["/buyer/address/country"], found["/buyer/address/city"]) == ("FR", "Lyon")


def test_a_bic_stands_beside_its_label() -> None:
    lines = [(50.0, 700.0, "IBAN: DE89 3704 0044 0532 0130 00")]
    found = values([*lines, (50, 712, "SWIFT/BIC: COBADEFFXXX")])
    assert found["/payment/accounts/0/bic"] == "COBADEFFXXX"
    assert "/payment/accounts/0/bic" not in values([*lines, (50, 712, "REFERENZ COBADEFF")])


def test_the_end_of_a_companys_name_is_no_currency() -> None:
    found = values([(50, 40, "PASAR SENTOSA SDN BHD"), (50, 300, "TOTAL"), (300, 300, "12.50")])
    assert found["/currency"] == "MYR"
    found = values([(50, 40, "SENTOSA SDN BHD (51273-X)"), (50, 300, "TOTAL"), (300, 300, "12.50")])
    assert found["/currency"] == "MYR"
    found = values([(50, 300, "TOTAL (RM)"), (300, 300, "12.50")])
    assert found["/currency"] == "MYR"
    assert values([(50, 40, "Währung"), (200, 40, "EUR")])["/currency"] == "EUR"
