"""What stands beside a code: a rate of exchange, a total's label, a title, the word IBAN, a table's heads."""

from tests.engines.layout.paper import Line, texts, values

HEAD: list[Line] = [
    (50, 40, "Brindle Harbour Software Ltd"),
    (50, 55, "2 Wharf Street, Bristol BS1 4AB"),
    (50, 90, "Invoice No. BH-2031-4"),
    (50, 105, "Date: 4 March 2031"),
]


def told(*lines: Line, head: list[Line] = HEAD) -> dict[str, str]:
    return texts(values(*head, *lines))


def test_a_rate_of_exchange_makes_a_currency_no_less_clear() -> None:
    found = told(
        (50, 200, "Service"),
        (300, 200, "Amount (USD)"),
        (50, 215, "Support"),
        (320, 215, "840.00"),
        (50, 230, "Invoice total (USD)"),
        (320, 230, "840.00"),
        (50, 260, "Exchange rate: 1 USD = INR 86.40, in words INR 72,576.00"),
    )
    assert found["/currency"] == "USD"


def test_the_code_that_ends_a_totals_label_is_the_currency_whatever_the_language_says() -> None:
    found = told(
        (50, 200, "Ukupno osnovica"),
        (300, 200, "18.500,00"),
        (50, 215, "Ukupno PDV"),
        (305, 215, "3.700,00"),
        (50, 230, "Za uplatu RSD"),
        (300, 230, "22.200,00"),
        head=[(50, 40, "Vršačka pilana doo"), (50, 90, "Faktura br. 31/44"), (50, 105, "Kupac:")],
    )
    assert found["/currency"] == "RSD"


def test_a_chilean_tax_number_tells_whose_dollars_they_are() -> None:
    found = told(
        (50, 200, "Monto neto $"),
        (300, 200, "200.000"),
        (50, 215, "IVA 19% $"),
        (305, 215, "38.000"),
        (50, 230, "Total $"),
        (300, 230, "238.000"),
        head=[
            (50, 40, "Maderas Quillay Ltda"),
            (50, 55, "R.U.T.: 76.123.456-0"),
            (50, 90, "Factura electrónica Nº 5518"),
        ],
    )
    assert found["/currency"] == "CLP"
    assert found["/seller/tax_id"] == "76.123.456-0"


def test_a_year_that_ends_a_title_is_no_number() -> None:
    found = told(
        (50, 200, "Gesamtbetrag"),
        (300, 200, "465,40 EUR"),
        head=[
            (50, 40, "Gemeinde Ellerbach"),
            (50, 60, "Kassenzeichen: 01.12200.5"),
            (50, 90, "Rechnung über Standgelder III. Quartal 2031"),
        ],
    )
    assert found["/invoice_number"] == "01.12200.5"


def test_the_numero_sign_tells_a_number_below_the_title() -> None:
    found = told(
        (50, 200, "Общо"),
        (300, 200, "96,00 лв."),
        head=[
            (50, 40, "Мебели Клен ООД"),
            (50, 75, "ФАКТУРА"),
            (50, 90, "№ 0000004471 / 09.10.2031"),
        ],
    )
    assert found["/invoice_number"] == "0000004471"


def test_an_order_and_its_number_are_no_title_of_an_invoice() -> None:
    found = told(
        (50, 200, "Rechnungsbetrag"),
        (300, 200, "595,00 €"),
        head=[
            (50, 40, "Tiefbau Uhlenhorst GmbH"),
            (400, 60, "Auftrag: 31-0417"),
            (50, 90, "3. Abschlagsrechnung Nr. AR-31/3"),
        ],
    )
    assert found["/document_type"] == "invoice"


def test_a_vat_number_in_the_line_of_an_iban_is_one() -> None:
    found = told(
        (50, 120, "VAT GB 123 4567 82 - bank of the harbour - IBAN GB29 NWBK 6016 1331 9268 19"),
        (50, 200, "Total"),
        (300, 200, "£84.00"),
    )
    assert found["/seller/tax_id"].replace(" ", "") == "GB123456782"


def test_the_days_below_the_head_of_a_table_are_those_of_its_items() -> None:
    rows: list[Line] = [
        (50, 200, "Date"),
        (150, 200, "Description"),
        (320, 200, "Hours"),
        (420, 200, "Amount"),
        (50, 215, "02/17/2031"),
        (150, 215, "Review of a lease"),
        (330, 215, "2.40"),
        (420, 215, "$1,020.00"),
        (50, 245, "Total"),
        (420, 245, "$1,020.00"),
    ]
    head: list[Line] = [(50, 40, "Quarry Lane Legal LLP"), (50, 90, "Invoice No. 4471")]
    assert told(*rows, head=[*head, (50, 105, "Dated 3/8/2031")])["/issue_date"] == "2031-03-08"


def test_a_number_follows_a_title_that_tells_its_day() -> None:
    found = told(
        (50, 200, "Gesamtbetrag"),
        (300, 200, "41,99 €"),
        head=[
            (50, 40, "Lindenfunk Netze GmbH"),
            (350, 60, "Rechnung vom 4. März 2031"),
            (350, 75, "Nr. LN-77"),
        ],
    )
    assert found["/invoice_number"] == "LN-77"
